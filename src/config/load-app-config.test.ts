// SPDX-License-Identifier: Apache-2.0
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDirectory, type TestDirectory } from "../../test/test-directory.js";
import type { UklError } from "../errors/ukl-error.js";
import { loadAppConfig } from "./load-app-config.js";

let directory: TestDirectory;
let file: string;
beforeEach(async () => {
  directory = await createTestDirectory();
  file = path.join(directory.path, "ukl.config.ts");
});
afterEach(() => directory[Symbol.asyncDispose]());

async function load(text: string) {
  await writeFile(file, text);
  return loadAppConfig(file, { timeoutMs: 60_000 });
}

async function refusal(text: string): Promise<Pick<UklError, "code" | "message" | "hint">> {
  const error: unknown = await load(text).catch((error: unknown) => error);
  return error as UklError;
}

// The package's own sources are compiled for it here; in use they are compiled already.
test("takes TypeScript that imports ukl, where nothing is installed", { timeout: 60_000 }, async () => {
  const app = await load(`
    import { defineApp, levels, type AppConfig } from "ukl";
    const name: AppConfig["name"] = "kv";
    export default defineApp({ name, build: { system: "c", files: ["kv.c"] }, level: levels[0] });
  `);
  expect(app).toMatchObject({ name: "kv", level: "linux", build: { source: { path: directory.path } } });
});

test("takes what it imports from files beside it, and may wait", async () => {
  await writeFile(path.join(directory.path, "ports.ts"), "export const ports: number[] = [7000];\n");
  const app = await load(`
    import { ports } from "./ports";
    export default await Promise.resolve({ name: "kv", build: { system: "c", files: ["kv.c"] }, ports });
  `);
  expect(app.ports).toEqual([7000]);
});

test("takes a changed file for what it is now", async () => {
  const text = (name: string): string =>
    `export default { name: "${name}", build: { system: "c", files: ["kv.c"] } };`;
  expect((await load(text("one"))).name).toBe("one");
  expect((await load(text("two"))).name).toBe("two");
});

test("keeps the lines of a test that fails", async () => {
  const app = await load(`
    interface Unused { a: string }
    export default {
      name: "kv",
      build: { system: "c", files: ["kv.c"] },
      test: async () => {
        throw new Error("planted");
      },
    };`);
  await expect(app.test?.(undefined as never)).rejects.toMatchObject({
    stack: expect.stringContaining(`${file}:7:`),
  });
});

describe("names file and line, and the next step, of one", () => {
  test.each<[string, string, number | undefined, string, string]>([
    [
      "that is no TypeScript",
      'export default {\n  name: "kv"\n  args: [],\n};',
      3,
      'expected ","',
      "Correct line 3",
    ],
    ["that throws", 'const a = 1;\nthrow new Error("no luck");', 2, 'it throws "no luck"', "Correct line 2"],
    ["that throws no error", 'throw "a string";', undefined, 'it throws "a string"', "Correct it"],
    [
      "that needs what is not there",
      'import x from "./no";\nexport default x;',
      1,
      "Cannot find module './no'",
      "Correct line 1",
    ],
    ["that exports nothing", "", undefined, "it exports nothing by default", "export default defineApp({"],
    [
      "that forgot to export",
      "const a = 1;\ndefineApp({});\nfunction defineApp(a: object) {}",
      2,
      "it exports nothing by default",
      "export default",
    ],
    [
      "that exports a promise",
      "const a = 1;\nexport default Promise.reject(a);",
      2,
      "it exports a promise",
      "export default await",
    ],
    [
      "that exports a function",
      "export default () => ({});",
      1,
      "the configuration is not an object",
      "ukl config schema",
    ],
    [
      "that has a mistake",
      'export default {\n  name: "kv",\n  build: {\n    system: "mkae" },\n};',
      4,
      'did you mean "make"?',
      "ukl config schema",
    ],
  ])("%s", async (_name, text, line, reason, hint) => {
    const error = await refusal(text);
    expect(error.code).toBe("APP_INVALID");
    expect(error.message).toMatch(/^Cannot (load|use) "/);
    expect(error.message).toContain(`"${file}${line === undefined ? "" : `:${line}`}": `);
    expect(error.message).toContain(reason);
    expect(error.hint ?? "").toContain(hint);
  });
});

test("one that waits for ever is not waited for", async () => {
  await writeFile(file, "await new Promise(() => {});\nexport default {};");
  await expect(loadAppConfig(file, { timeoutMs: 50 })).rejects.toMatchObject({
    code: "APP_INVALID",
    message: `Cannot load "${file}": it still waits for something after 0.05 s`,
  });
});
