// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { parsePatchedFiles } from "./apply-patch.js";
import {
  commonFragments,
  countLines,
  countPatchLines,
  defaultSeries,
  loadFragments,
  loadSeries,
  uklFragment,
} from "./series.js";

describe("our series", () => {
  test("is there, in order, absolute", async () => {
    const series = await loadSeries();
    expect(series).toMatchObject({
      version: defaultSeries,
      sourcePackage: `linux-source-${defaultSeries}`,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const names = series.patches.map((file) => path.basename(file));
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1));
    expect(series.patches.every((file) => path.isAbsolute(file))).toBe(true);
  });

  test("has git patches only: of others nobody would notice that they changed nothing", async () => {
    for (const file of (await loadSeries()).patches)
      expect(parsePatchedFiles(await readFile(file, "utf8")), file).not.toEqual([]);
  });

  test("builds kernels without the tests in its overlay", async () => {
    const { overlayFiles } = await loadSeries();
    expect(overlayFiles).toContain("arch/x86/ukl/Kconfig");
    expect(overlayFiles.filter((name) => name.startsWith("tools/testing/"))).toEqual([]);
  });

  test("counts what it adds, tests apart", async () => {
    const series = await loadSeries();
    const counts = await countLines(series);
    const kinds = new Set(counts.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(["kernel", "patch", "test"]);
    expect(counts).toHaveLength(
      series.patches.length +
        series.overlayFiles.length +
        counts.filter(({ kind }) => kind === "test").length,
    );
    for (const { name, added, code } of counts) {
      expect(added, name).toBeGreaterThan(0);
      expect(code, name).toBeLessThanOrEqual(added);
    }
  });
});

test.each(["9.9", "", "../config", "6.12/"])(
  "%j is no series, and the known ones are named",
  async (version) => {
    await expect(loadSeries(version)).rejects.toMatchObject({
      code: "USAGE_INVALID",
      message: `Cannot use kernel "${version}": there is no patch series for it`,
      hint: expect.stringContaining(defaultSeries),
    });
  },
);

test("fragments are joined in the order in which they are named", async () => {
  const text = await loadFragments([...commonFragments, uklFragment]);
  const positions = await Promise.all(
    [...commonFragments, uklFragment].map(async (name) => text.indexOf(await loadFragments([name]))),
  );
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(positions).not.toContain(-1);
});

test.each(["debgu", "../README"])("%j is no fragment, and the known ones are named", async (name) => {
  await expect(loadFragments([name])).rejects.toMatchObject({
    code: "USAGE_INVALID",
    hint: expect.stringContaining("debug"),
  });
});

describe("counted lines", () => {
  const diff = `diff --git a/f b/f
--- a/f
+++ b/f
@@ -1,2 +1,3 @@
 same
-old
+new
+++counter;
`;

  test("of a patch are its changes, not its message", () => {
    expect(countPatchLines(`Subject: x\n\n- a list\n- in it\n\n${diff}`)).toEqual({ added: 2, removed: 1 });
  });

  test("of a file are its code, without blanks and comments", async () => {
    await using directory = await createTestDirectory();
    const source = "/* one\n * two */\n\nint a; /* here */\n// gone\n#include <b.h>\n";
    await mkdir(path.join(directory.path, "arch"));
    await writeFile(path.join(directory.path, "arch", "a.c"), source);
    await writeFile(path.join(directory.path, "fix.patch"), `From: x\n\n${diff}`);
    const series = { ...(await loadSeries()), overlay: path.join(directory.path, "arch") };
    const patches = [path.join(directory.path, "fix.patch")];
    await expect(countLines({ ...series, patches })).resolves.toEqual([
      { name: "fix.patch", kind: "patch", added: 2, removed: 1, code: 2 },
      { name: "a.c", kind: "kernel", added: 6, removed: 0, code: 2 },
    ]);
  });

  // `git diff` writes no message, `git format-patch` a signature below.
  test.each([
    ["without a message", diff],
    ["with git's signature", `From: x\n\n${diff}-- \n2.47.3\n`],
  ])("of a patch %s are the same", (_name, patch) => {
    expect(countPatchLines(patch)).toEqual({ added: 2, removed: 1 });
  });
});
