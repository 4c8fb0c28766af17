// SPDX-License-Identifier: Apache-2.0
/** Holds the rules of the house that a compiler does not know. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { packagePath } from "../../src/host/package-path.js";

/** The folders of src/ in the order of the pipeline: each may import from those before it. */
const layers = [
  ...["errors", "log", "host"],
  ...["elf", "source", "config"],
  ...["toolchain", "kernel", "typescript", "app"],
  ...["check", "image", "vm"],
  "profile",
  ...["bench", "selftest"],
  ...["stress", "suite"],
  "cli",
];

const licenses: readonly (readonly [place: RegExp, license: string])[] = [
  [/^kernel\//, "GPL-2.0-only"],
  [/^userland\//, "MIT"],
  [/^/, "Apache-2.0"],
];

const root = packagePath();
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root })
  .toString()
  .trim()
  .split("\n");
const sources = files.filter((file) => file.startsWith("src/") && file.endsWith(".ts"));
const productSources = sources.filter((file) => !file.endsWith(".test.ts"));
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

describe("imports in src/", () => {
  test("point one way: from a later folder of the pipeline to an earlier one", () => {
    const wrong = productSources.flatMap((file) =>
      importsOf(file)
        .filter((target) => !mayImport(folderOf(file), folderOf(target)))
        .map((target) => `${file} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test("start processes only through src/host/process-group.ts", () => {
    const starters = productSources.filter((file) => /from "(node:)?child_process"/.test(read(file)));
    expect(starters).toEqual(["src/host/process-group.ts"]);
  });
});

test("only the command line's main ends the process", () => {
  const enders = productSources.filter((file) => /\bprocess\.exit\(/.test(read(file)));
  expect(enders).toEqual(["src/cli/main.ts"]);
});

test("every file names its licence", () => {
  const unlicensed = files
    .filter((file) => !/\.(json|patch)$|^LICENSES\/|^\.gitignore$/.test(file))
    .filter(
      (file) =>
        !read(file)
          .slice(0, 400)
          .includes(`SPDX-License-Identifier: ${licenseOf(file)}`),
    );
  expect(unlicensed).toEqual([]);
});

test("no file is so long that nobody reads it", () => {
  const long = sources.filter((file) => read(file).split("\n").length > 300);
  expect(long).toEqual([]);
});

/** The files that a file imports, relative to the root. */
function importsOf(file: string): string[] {
  const targets = [...read(file).matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(
    ([, target = ""]) => target,
  );
  return targets.map((target) => path.join(path.dirname(file), target));
}

function folderOf(file: string): string {
  return /^src\/([^/]+)\//.exec(file)?.[1] ?? file;
}

function mayImport(from: string, to: string): boolean {
  // The package's public API and the recipes stand outside of the pipeline.
  if (!layers.includes(from)) return from === "src/index.ts";
  return (
    to === from || (layers.includes(to) && layers.indexOf(to) < layers.indexOf(from)) || isRecipe(from, to)
  );
}

/** Recipes are data of the package; resolving a name is where they come in. */
function isRecipe(from: string, to: string): boolean {
  return from === "app" && to.startsWith("apps/");
}

function licenseOf(file: string): string {
  return licenses.find(([place]) => place.test(file))?.[1] ?? "";
}
