// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { parseFindings } from "./checkpatch.js";

/** As checkpatch.pl of Linux 6.12 prints it with --terse --showfile --show-types. */
const output = `:1129: WARNING:COMMIT_LOG_LONG_LINE: Prefer a maximum 75 chars per line (possible unwrapped commit description?)
arch/x86/include/asm/ukl.h:22: WARNING:FILE_PATH_CHANGES: added, moved or deleted file(s), does MAINTAINERS need updating?
arch/x86/ukl/exec.c:104: ERROR:SPACING: space prohibited after that open square bracket '['
arch/x86/include/asm/ukl_entry.h:32: CHECK:SPACING: spaces required around that ':' (ctx:VxV)
`;

test("findings have a place, a name, and the reason why they are allowed", () => {
  expect(parseFindings(output, "0005-x.patch")).toEqual([
    {
      patch: "0005-x.patch",
      file: undefined,
      line: 1129,
      level: "WARNING",
      type: "COMMIT_LOG_LONG_LINE",
      text: "Prefer a maximum 75 chars per line (possible unwrapped commit description?)",
      allowed: undefined,
    },
    expect.objectContaining({ type: "FILE_PATH_CHANGES", allowed: expect.stringContaining("MAINTAINERS") }),
    // Allowed in one header only.
    expect.objectContaining({ file: "arch/x86/ukl/exec.c", line: 104, level: "ERROR", allowed: undefined }),
    expect.objectContaining({ level: "CHECK", allowed: expect.stringContaining("assembler") }),
  ]);
});

test("no output is no finding", () => {
  expect(parseFindings("", "0005-x.patch")).toEqual([]);
});
