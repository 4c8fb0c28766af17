// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { createToyKernel } from "../../test/toy-kernel.js";
import { createContext } from "../host/context.js";
import { buildModule } from "./build-module.js";

/** A kernel that has been built, but for what the module does not need. */
async function createKernel(directory: string, config: string) {
  const source = path.join(directory, "source");
  const place = path.join(directory, "kernel");
  const tree = path.join(place, "build");
  await createToyKernel(source);
  await mkdir(path.join(tree, "tools"), { recursive: true });
  await writeFile(path.join(tree, ".config"), config);
  await writeFile(path.join(tree, "System.map"), "ffffffff81000000 T _text\n");
  return { key: "0", path: place, source, tree, compilerFlags: [] };
}

test("builds the module in a copy, of which nothing else is left", { timeout: 60_000 }, async () => {
  await using directory = await createTestDirectory();
  const cacheDir = path.join(directory.path, "cache");
  const kernel = await createKernel(directory.path, "CONFIG_MODULES=y\nCONFIG_DUMMY=m\n");
  const before = await readdir(kernel.tree);

  const module = await buildModule(createContext({ cacheDir }), kernel);
  expect(Buffer.from(module ?? []).toString()).toBe("ffffffff81000000 T _text\n");
  await expect(readdir(kernel.tree)).resolves.toEqual(before);
  const [entry = ""] = (await readdir(path.join(cacheDir, "selftest"))).filter(
    (name) => !name.endsWith(".lock"),
  );
  await expect(readdir(path.join(cacheDir, "selftest", entry))).resolves.toEqual([
    "dummy.ko",
    "manifest.json",
  ]);
  await expect(readFile(path.join(kernel.tree, ".config"), "utf8")).resolves.toContain("DUMMY=m");
});

test("there is none where it is built in, or modules are not", async () => {
  await using directory = await createTestDirectory();
  const cacheDir = path.join(directory.path, "cache");
  const kernel = await createKernel(directory.path, "CONFIG_DUMMY=y\n");
  await expect(buildModule(createContext({ cacheDir }), kernel)).resolves.toBeUndefined();
});
