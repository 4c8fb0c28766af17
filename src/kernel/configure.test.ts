// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { createToyKernel } from "../../test/toy-kernel.js";
import { createContext } from "../host/context.js";
import { configureKernel } from "./configure.js";

const patient = { timeout: 60_000 };

async function createBuild() {
  const directory = await createTestDirectory();
  const source = path.join(directory.path, "source");
  const output = path.join(directory.path, "build");
  await createToyKernel(source);
  await mkdir(output);
  const logFile = path.join(directory.path, "log");
  const configure = (fragment: string, start?: string): Promise<void> =>
    configureKernel(createContext(), { source, output, logFile, start, fragment });
  return { ...directory, output, configure };
}

test("is tinyconfig, then the fragment, as Kconfig makes it consistent", patient, async () => {
  await using build = await createBuild();
  await build.configure("CONFIG_A=y\nCONFIG_B=y\n# CONFIG_GONE is not set");
  const config = await readFile(path.join(build.output, ".config"), "utf8");
  expect(config).toBe("CONFIG_A=y\nCONFIG_B=y\nCONFIG_TINY=y\n");
});

test("names every option that Kconfig dropped, and what became of it", patient, async () => {
  await using build = await createBuild();
  await expect(build.configure("CONFIG_B=y\nCONFIG_NO_SUCH=y\nCONFIG_TINY=y")).rejects.toMatchObject({
    code: "KERNEL_OPTION_LOST",
    message:
      "Cannot configure the kernel: Kconfig dropped these options\n" +
      "  CONFIG_B=y  (now: absent)\n" +
      "  CONFIG_NO_SUCH=y  (now: absent)",
  });
});

test("begins with a complete configuration instead, which the fragment changes", patient, async () => {
  await using build = await createBuild();
  await build.configure("# CONFIG_B is not set", 'CONFIG_A=y\nCONFIG_B=y\nCONFIG_INITRAMFS_SOURCE=""\n');
  const config = await readFile(path.join(build.output, ".config"), "utf8");
  expect(config).toBe('CONFIG_A=y\nCONFIG_INITRAMFS_SOURCE=""\n');
});

test("names what Kconfig dropped of the configuration that it began with", patient, async () => {
  await using build = await createBuild();
  await expect(
    build.configure("# CONFIG_A is not set", "CONFIG_A=y\nCONFIG_B=y\nCONFIG_TINY=y"),
  ).rejects.toMatchObject({
    code: "KERNEL_OPTION_LOST",
    message: "Cannot configure the kernel: Kconfig dropped these options\n  CONFIG_B=y  (now: absent)",
  });
});

test("begins anew after an attempt that failed", patient, async () => {
  await using build = await createBuild();
  await expect(build.configure("CONFIG_A=y\nCONFIG_NO_SUCH=y")).rejects.toThrow("CONFIG_NO_SUCH");
  await build.configure("");
  await expect(readFile(path.join(build.output, ".config"), "utf8")).resolves.toBe("CONFIG_TINY=y\n");
});
