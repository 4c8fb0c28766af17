// SPDX-License-Identifier: Apache-2.0
/** A reader who knows the pipeline can guess every path: what files are called, and which folders know each other. */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { packagePath } from "../../src/host/package-path.js";

/** Folders of one layer do not import each other; architecture.test.ts holds the order of the layers. */
const layers = [
  ["errors", "log"],
  ["host"],
  ["elf", "source", "config"],
  ["toolchain", "kernel", "typescript", "app"],
  ["check", "image", "vm"],
  ["bench", "explore", "report", "profile", "selftest"],
  ["stress", "suite"],
  ["cli"],
];

/** The neighbours that know each other all the same. */
const neighbours: Readonly<Record<string, string>> = {
  "config → source": "a configuration says where the application's source comes from",
  "app → toolchain": "the toolchain compiles applications",
  "app → typescript": "it makes a program of an application in TypeScript",
  "typescript → toolchain": "the toolchain compiles what runs the bytecode",
  "vm → image": "a machine boots what the image packer made",
  "bench → profile": "a kernel that was compiled by a profile is one of those that are compared",
};

const root = packagePath();
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root })
  .toString()
  .trim()
  .split("\n")
  .filter((file) => existsSync(path.join(root, file)));
const typescript = files.filter((file) => file.endsWith(".ts"));
const productSources = typescript.filter((file) => file.startsWith("src/") && !file.endsWith(".test.ts"));
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

describe("folders of one layer", () => {
  const found = new Set(
    productSources.flatMap((file) => {
      const from = folderOf(file);
      return importsOf(file)
        .map(folderOf)
        .filter((to) => to !== from && layers.some((layer) => layer.includes(from) && layer.includes(to)))
        .map((to) => `${from} → ${to}`);
    }),
  );

  test("do not import each other, but for the exceptions that say why", () => {
    expect([...found].filter((pair) => !(pair in neighbours))).toEqual([]);
  });

  test("have no exception that nobody needs any more", () => {
    expect(Object.keys(neighbours).filter((pair) => !found.has(pair))).toEqual([]);
  });

  test("are all in a layer", () => {
    const folders = new Set(productSources.map(folderOf));
    const known = new Set([...layers.flat(), "index.ts"]);
    expect([...folders].filter((folder) => !known.has(folder))).toEqual([]);
  });
});

describe("files", () => {
  test("are named after what they hold: no utils, no helpers", () => {
    const vague = typescript.filter((file) =>
      /^(utils?|helpers?|common|misc|lib|shared|types|constants)\.(test\.)?ts$/.test(path.basename(file)),
    );
    expect(vague).toEqual([]);
  });

  test("are in kebab case", () => {
    const pattern = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/;
    expect(typescript.filter((file) => !pattern.test(path.basename(file)))).toEqual([]);
  });

  test("only src/index.ts passes on what others export", () => {
    const barrels = productSources.filter(
      (file) =>
        path.basename(file) === "index.ts" || /^export (\*|(type )?\{[^}]*\}) from /m.test(read(file)),
    );
    expect(barrels).toEqual(["src/index.ts"]);
  });

  test("begin with their licence, then say what they are for", () => {
    const silent = productSources.filter(
      (file) => !/^\/\/ SPDX-License-Identifier: .+\n(\n?)\/\*\*/.test(read(file)),
    );
    expect(silent).toEqual([]);
  });

  test("never write to the console: the log and the result are all that is printed", () => {
    expect(productSources.filter((file) => /\bconsole\.\w+\(/.test(read(file)))).toEqual([]);
  });
});

/** The files that a file imports, relative to the root. */
function importsOf(file: string): string[] {
  const targets = [...read(file).matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(
    ([, target = ""]) => target,
  );
  return targets.map((target) => path.join(path.dirname(file), target));
}

/** "vm" of src/vm/machine.ts. */
function folderOf(file: string): string {
  return file.split("/")[1] ?? "";
}
