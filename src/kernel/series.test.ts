// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { packagePath } from "../host/package-path.js";
import { parsePatchedFiles } from "./apply-patch.js";
import {
  commonFragments,
  countLines,
  countPatchLines,
  defaultSeries,
  listPatches,
  loadFragments,
  loadSeries,
  uklFragment,
} from "./series.js";

const versions = readdirSync(packagePath("kernel", "series")).sort();

test("there is one for the kernel that is taken when none is named", () => {
  expect(versions).toContain(defaultSeries);
});

describe.each(versions)("the series %s", (version) => {
  test("is there, in order, absolute", async () => {
    const series = await loadSeries(version);
    expect(series).toMatchObject({
      version,
      sourcePackage: `linux-source-${version}`,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const names = series.patches.map((file) => path.basename(file));
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1));
    expect(series.patches.every((file) => path.isAbsolute(file))).toBe(true);
  });

  test("has git patches only: of others nobody would notice that they changed nothing", async () => {
    for (const file of (await loadSeries(version)).patches)
      expect(parsePatchedFiles(await readFile(file, "utf8")), file).not.toEqual([]);
  });

  test("has patches that say why, and count what they change as it is", async () => {
    for (const file of (await loadSeries(version)).patches) {
      const patch = await readFile(file, "utf8");
      const { subject, message, stat } = parseMessage(patch);
      expect(subject, file).toMatch(/^x86\/ukl: [a-z]/);
      expect(message.length, file).toBeGreaterThan(subject.length);
      const { added, removed } = countPatchLines(patch);
      expect(stat, file).toEqual({ files: parsePatchedFiles(patch).length, added, removed });
    }
  });

  test("patches no file of the overlay: that would be two places for one thing", async () => {
    const { overlayFiles, patches } = await loadSeries(version);
    const patched = patches.map(async (file) => parsePatchedFiles(await readFile(file, "utf8")));
    expect((await Promise.all(patched)).flat().filter((name) => overlayFiles.includes(name))).toEqual([]);
  });

  test("builds kernels without documentation, samples and tests", async () => {
    const { overlayFiles, companionFiles } = await loadSeries(version);
    expect(overlayFiles).toContain("arch/x86/ukl/Kconfig");
    expect(overlayFiles.filter((name) => /^(tools\/testing|samples|Documentation)\//.test(name))).toEqual([]);
    expect(companionFiles).toContain("Documentation/arch/x86/ukl.rst");
  });

  test("counts what it adds, companions apart", async () => {
    const series = await loadSeries(version);
    const counts = await countLines(series);
    const kinds = new Set(counts.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(["documentation", "kernel", "patch", "sample", "test"]);
    const built = counts.filter(({ kind }) => kind === "patch" || kind === "kernel");
    expect(built).toHaveLength(series.patches.length + series.overlayFiles.length);
    expect(counts).toHaveLength(built.length + series.companionPatches.length + series.companionFiles.length);
    for (const { name, added, code } of counts) {
      expect(added, name).toBeGreaterThan(0);
      expect(code, name).toBeLessThanOrEqual(added);
    }
  });

  test("configures its kernels with the common fragments, then with its own", async () => {
    const { fragments } = await loadSeries(version);
    expect(fragments.slice(0, commonFragments.length)).toEqual(commonFragments);
    expect(fragments.slice(commonFragments.length)).toEqual(
      existsSync(packagePath("kernel", "config", `${version}.config`)) ? [version] : [],
    );
    await expect(loadFragments(fragments)).resolves.toContain("CONFIG_SMP=y");
  });
});

test.each(versions.filter((version) => version !== defaultSeries))(
  "the series %s hooks in what the default series does, in the same order",
  async (version) => {
    const subjects = await loadSubjects(version);
    expect(subjects).not.toEqual([]);
    expect(subjects).toEqual(await loadSubjects(defaultSeries));
  },
);

async function loadSubjects(version: string): Promise<readonly string[]> {
  const patches = listPatches(await loadSeries(version));
  return Promise.all(patches.map(async (file) => parseMessage(await readFile(file, "utf8")).subject));
}

/** What `git format-patch` writes above the first file. */
function parseMessage(patch: string) {
  const [head = "", ...rest] = patch.split("\n---\n");
  const [, subject = "", message = ""] = /^Subject: \[PATCH\] (.*(?:\n .*)*)\n\n([\s\S]*)$/m.exec(head) ?? [];
  const summary = /^ .* changed.*$/m.exec(rest.join("\n---\n"))?.[0] ?? "";
  const count = (what: RegExp) => Number(what.exec(summary)?.[1] ?? 0);
  return {
    subject: subject.replace(/\n/g, ""),
    message,
    stat: {
      files: count(/(\d+) files? changed/),
      added: count(/(\d+) insertion/),
      removed: count(/(\d+) deletion/),
    },
  };
}

describe("the hash, which decides whether a kernel is built anew,", () => {
  const patchOf = (file: string) => `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n`;

  test.each([
    ["stays with a new document", "overlay/Documentation/ukl.rst", "text", true],
    ["stays with a new test", "overlay/tools/testing/a.c", "int a;", true],
    [
      "stays with a patch of documents",
      "series/6.12/0002-doc.patch",
      patchOf("Documentation/index.rst"),
      true,
    ],
    ["changes with a file of the kernel", "overlay/tools/objtool/a.c", "int a;", false],
    [
      "changes with a patch of both",
      "series/6.12/0002-both.patch",
      patchOf("samples/Kconfig") + patchOf("a.c"),
      false,
    ],
  ])("%s", async (_name, file, text, same) => {
    await using directory = await createTestDirectory();
    for (const [name, content] of Object.entries({
      "overlay/kernel/ukl.c": "int ukl;",
      "series/6.12/0001-hook.patch": patchOf("a.c"),
    })) {
      await mkdir(path.join(directory.path, path.dirname(name)), { recursive: true });
      await writeFile(path.join(directory.path, name), content);
    }
    const before = await loadSeries("6.12", directory.path);
    await mkdir(path.join(directory.path, path.dirname(file)), { recursive: true });
    await writeFile(path.join(directory.path, file), text);
    const after = await loadSeries("6.12", directory.path);
    expect(after.hash === before.hash).toBe(same);
    const count = (series: typeof after): number =>
      series.companionFiles.length + series.companionPatches.length;
    expect(count(after) - count(before)).toBe(same ? 1 : 0);
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
    const series = {
      ...(await loadSeries()),
      overlay: path.join(directory.path, "arch"),
      companionPatches: [],
    };
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
