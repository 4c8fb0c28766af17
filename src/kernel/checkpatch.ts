// SPDX-License-Identifier: Apache-2.0
/** Runs the kernel's own scripts/checkpatch.pl over patches. */

import path from "node:path";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";
import { createTemporaryDirectory } from "../host/temporary-directory.js";
import { gitEnvironment } from "./git.js";

export interface StyleFinding {
  readonly patch: string;
  readonly level: "ERROR" | "WARNING" | "CHECK";
  /** checkpatch's name for it: "LONG_LINE". */
  readonly type: string;
  readonly text: string;
  /** In the kernel's tree, as the patch names it; undefined in its message. */
  readonly file: string | undefined;
  /** Of the file, or of the message. */
  readonly line: number;
  /** Why it is as it should be; undefined when somebody has to look at it. */
  readonly allowed: string | undefined;
}

interface Allowance {
  readonly types: readonly string[];
  /** Only in files whose name begins so. */
  readonly place?: string;
  readonly reason: string;
}

/** What checkpatch reports and we do not change. */
const allowances: readonly Allowance[] = [
  {
    types: ["FILE_PATH_CHANGES"],
    reason: "an entry in MAINTAINERS names who promises upkeep: whoever submits the series adds it",
  },
  {
    types: ["SPACING", "LINE_SPACING", "CAMELCASE"],
    place: "arch/x86/include/asm/ukl_entry.h",
    reason: "assembler macros, which checkpatch reads as C in a header",
  },
  {
    types: ["AVOID_EXTERNS"],
    place: "arch/x86/ukl/exec.c",
    reason: "symbols of the linker script, declared where they are used, as in kernel/ksysfs.c",
  },
  {
    types: ["TRAILING_SEMICOLON", "MACRO_ARG_UNUSED", "BRACKET_SPACE"],
    place: "arch/x86/ukl/",
    reason: "tables of system calls, read as in arch/x86/entry/syscall_64.c",
  },
  {
    types: ["SPACING"],
    place: "arch/x86/ukl/net_compat.h",
    reason: "the name of a header, in a question to the preprocessor",
  },
  {
    types: ["SPACING"],
    place: "arch/x86/kernel/dumpstack_64.c",
    reason: "written like the lines around it",
  },
  {
    types: ["TRAILING_SEMICOLON", "MACRO_ARG_UNUSED"],
    place: "arch/x86/include/asm/cpu_entry_area.h",
    reason: "members of a structure, as in ESTACKS_MEMBERS; none without CONFIG_UKL",
  },
  {
    types: ["PREFER_DEFINED_ATTRIBUTE_MACRO"],
    place: "samples/ukl/",
    reason: "a user program has no linux/compiler_attributes.h",
  },
  {
    types: ["PREFER_DEFINED_ATTRIBUTE_MACRO"],
    place: "tools/testing/",
    reason: "a user program has no linux/compiler_attributes.h",
  },
  {
    types: ["VOLATILE"],
    place: "tools/testing/",
    reason: "shared with a signal handler or another process, or an access that is made for its fault",
  },
  { types: ["ENOSYS"], place: "tools/testing/", reason: "tests what an unknown system call returns" },
  {
    types: ["COMPLEX_MACRO"],
    place: "tools/testing/",
    reason: "strings of assembly, to be joined by the compiler",
  },
];

/**
 * Checks patches. That nobody has signed them off is not reported: only the person who submits them can.
 *
 * @param source a kernel's tree, whose rules count
 */
export async function checkPatches(
  ctx: Context,
  source: string,
  patches: readonly string[],
): Promise<readonly StyleFinding[]> {
  const script = path.join(source, "scripts", "checkpatch.pl");
  const options = ["--strict", "--no-signoff", "--show-types", "--showfile", "--terse", "--no-summary"];
  const findings: StyleFinding[] = [];
  // checkpatch leaves a list of words behind.
  await using scratch = await createTemporaryDirectory("checkpatch");
  for (const patch of patches) {
    const args = [script, ...options, "--color=never", `--root=${source}`, patch];
    // In a repository it would take a file that git knows for a source, not for a patch.
    const env = gitEnvironment(scratch.path);
    const result = await runCommand(ctx, "perl", args, { cwd: scratch.path, env, allowFailure: true });
    const found = parseFindings(result.stdout, path.basename(patch));
    // 1 says that there are findings; when it could not run it dies of something else, or says nothing.
    if (result.exitCode > 1 || (result.exitCode === 1) !== found.length > 0)
      throw new Error(`checkpatch.pl failed with status ${result.exitCode}: ${result.stderr}`);
    findings.push(...found);
  }
  return findings;
}

/** Reads what checkpatch prints: "arch/x86/a.c:12: ERROR:TYPE: text", with no file when it is about the message. */
export function parseFindings(output: string, patch: string): readonly StyleFinding[] {
  return [...output.matchAll(/^(.*?):(\d+): (ERROR|WARNING|CHECK):(\w+): (.*)$/gm)].map(
    ([, name = "", line, level, type = "", text = ""]) => {
      const file = name === "" ? undefined : name;
      const finding = { patch, file, line: Number(line), level: level as StyleFinding["level"], type, text };
      return { ...finding, allowed: findAllowance(finding)?.reason };
    },
  );
}

function findAllowance({ type, file }: Pick<StyleFinding, "type" | "file">): Allowance | undefined {
  return allowances.find(
    ({ types, place }) => types.includes(type) && (place === undefined || file?.startsWith(place) === true),
  );
}
