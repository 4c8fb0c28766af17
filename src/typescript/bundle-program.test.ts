// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDirectory, type TestDirectory } from "../../test/test-directory.js";
import { type Bundle, bundleProgram } from "./bundle-program.js";
import { findSourcePlace } from "./find-source-place.js";

let directory: TestDirectory;
beforeEach(async () => {
  directory = await createTestDirectory();
});
afterEach(() => directory[Symbol.asyncDispose]());

async function write(name: string, text: string): Promise<void> {
  const file = path.join(directory.path, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

async function bundle(text: string): Promise<Bundle> {
  await write("server.ts", text);
  return bundleProgram(directory.path, "server.ts");
}

async function failure(text: string): Promise<string> {
  return bundle(text).then(
    () => "no failure",
    (error: Error) => error.message,
  );
}

describe("a program", () => {
  test("is one module with what it imports; only what is written in C is left to import", async () => {
    await write("lib/answer.ts", "export enum Answer { All = 42 }");
    await write("node_modules/plain/package.json", '{ "name": "plain", "main": "index.cjs" }');
    await write("node_modules/plain/index.cjs", "module.exports = { plain: 'a package' };");
    const { code } = await bundle(`
      import { Answer } from "./lib/answer.js";
      import { plain } from "plain";
      import { readTextFile } from "ukl:fs";
      console.log(Answer.All satisfies number, plain, readTextFile("/etc/hostname"));`);
    const imports = [...code.matchAll(/^import .* from "(.*)";$/gm)].map(([, name]) => name);
    expect([...new Set(imports)].sort()).toEqual(["quickjs:os", "quickjs:std", "ukl:native"]);
    expect(code).toContain("42");
    expect(code).toContain("a package");
  });

  test("has none of the modules that it does not use", async () => {
    const { code } = await bundle('import { readTextFile } from "ukl:fs"; readTextFile("/x");');
    expect(code).not.toContain("HTTP/1.1");
  });

  test("has a source map without the places of this machine, which leads back to line and column", async () => {
    const { code, sourceMap } = await bundle(
      `import { exit } from "ukl:process";\n\n   exit(\n     3 as number);\n`,
    );
    const { sources } = JSON.parse(sourceMap) as { sources: string[] };
    expect(sources).toContain("server.ts");
    expect(sources).toContain("ukl:process");
    expect(sourceMap).not.toContain(path.sep + path.basename(directory.path));
    expect(sources.filter((source) => source.includes("userland"))).toEqual([]);
    const lines = code.split("\n");
    const line = lines.findIndex((text) => /^exit\d*\(/.test(text)) + 1;
    expect(findSourcePlace(sourceMap, `program.js:${line}:1`)).toBe("server.ts:3:4");
  });

  test("warns of what is allowed and hardly meant", async () => {
    const { warnings } = await bundle('console.log({ a: 1, a: 2 }); if (typeof console === "strin") {}');
    expect(warnings.join("\n")).toMatch(/server\.ts:1:21: Duplicate key "a"/);
  });
});

describe("an error", () => {
  test("of the syntax has file, line and column, and the line itself", async () => {
    expect(await failure("const a = 1;\n\tconst b = = 2;\n")).toBe(
      'Cannot compile "server.ts"\nserver.ts:2:12: Unexpected "="\n    \tconst b = = 2;\n    \t          ^',
    );
  });

  test("in another file is that file's", async () => {
    await write("lib/other.ts", "export const x: = 1;");
    expect(await failure('import { x } from "./lib/other.js";\nx;')).toContain("\nlib/other.ts:1:17: ");
  });

  test.each([
    ["node:fs", 'use "ukl:fs"'],
    ["fs/promises", 'use "ukl:fs"'],
    ["http", 'use "ukl:http"'],
    ["node:crypto", "there are ukl:fs, ukl:http, ukl:net, ukl:process"],
  ])("names what exists instead of %s", async (name, instead) => {
    expect(await failure(`\nimport * as x from "${name}";\nconsole.log(x);`)).toMatch(
      new RegExp(
        `^server\\.ts:2:20: "${name}" is a part of Node\\.js, which is not in the image.*${instead}$`,
        "m",
      ),
    );
  });

  test("names the modules when there is no such one, internal ones included", async () => {
    for (const name of ["ukl:https", "ukl:native", "ukl:globals", "ukl:poll"])
      expect(await failure(`import "${name}";`)).toContain(
        `server.ts:1:8: There is no "${name}"; there are ukl:fs, ukl:http, ukl:net, ukl:process`,
      );
  });

  test("names a file that is not there, and the one that imports it", async () => {
    expect(await failure('import "./nothing.js";')).toContain(
      'server.ts:1:8: Could not resolve "./nothing.js"',
    );
  });

  test("is said of a program that is not there", async () => {
    await expect(bundleProgram(directory.path, "no.ts")).rejects.toThrow(
      `Cannot compile "no.ts": it is not in "${directory.path}"`,
    );
  });

  test("lists all of them", async () => {
    const message = await failure('import "node:fs";\nimport "./nothing.js";');
    expect(message).toContain("server.ts:1:8: ");
    expect(message).toContain("server.ts:2:8: ");
  });
});
