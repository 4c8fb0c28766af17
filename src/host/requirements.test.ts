// SPDX-License-Identifier: Apache-2.0
import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { createContext } from "./context.js";
import { formatInstallCommand } from "./install-packages.js";
import { packagesOf, requireTools } from "./require-tools.js";
import { checkRequirements, findProgram, requirementIds, requirements } from "./requirements.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("finds what is there, with the version that it says", async () => {
  await using directory = await createTestDirectory();
  const program = path.join(directory.path, "flex");
  await writeFile(program, "#!/bin/sh\necho flex 9.8.7\n");
  await chmod(program, 0o755);
  vi.stubEnv("PATH", `${directory.path}:${process.env["PATH"]}`);
  const [flex] = await checkRequirements(createContext(), ["flex"]);
  expect(flex).toEqual({
    id: "flex",
    present: true,
    version: "9.8.7",
    debianPackage: "flex",
    neededFor: ["kernel"],
    optional: false,
  });
});

test("a file that cannot be run is no program", async () => {
  await using directory = await createTestDirectory();
  await writeFile(path.join(directory.path, "ukl-test-tool"), "");
  vi.stubEnv("PATH", directory.path);
  await expect(findProgram("ukl-test-tool")).resolves.toBeUndefined();
});

test("a program that hangs when it is asked does not stop the check", async () => {
  const controller = new AbortController();
  await using directory = await createTestDirectory();
  const program = path.join(directory.path, "flex");
  await writeFile(program, "#!/bin/sh\nexec sleep 1000\n");
  await chmod(program, 0o755);
  vi.stubEnv("PATH", `${directory.path}:${process.env["PATH"]}`);
  const checking = checkRequirements(createContext({ signal: controller.signal }), ["flex"]);
  controller.abort(new Error("Ctrl-C"));
  await expect(checking).rejects.toThrow("Ctrl-C");
});

test("what is missing is refused with the one command that installs it", async () => {
  const table = requirements as unknown as Record<string, unknown>;
  vi.stubEnv("PATH", "/nonexistent");
  table["ukl-test"] = {
    probe: { program: "ukl-no-such" },
    debianPackage: "ukl-package",
    neededFor: ["test"],
  };
  table["ukl-test-header"] = { probe: { header: "no-such.h" }, debianPackage: "ukl-package", neededFor: [] };
  try {
    const ids = ["gcc", "ukl-test", "ukl-test-header"] as never[];
    await expect(requireTools(createContext(), ids)).rejects.toMatchObject({
      code: "HOST_TOOL_MISSING",
      message: 'Cannot use "ukl-test", "ukl-test-header": they are not installed',
      hint: expect.stringMatching(/apt-get install --yes --no-install-recommends ukl-package$/),
    });
  } finally {
    delete table["ukl-test"];
    delete table["ukl-test-header"];
  }
});

test("each requirement has a package, and each package is named once", async () => {
  const packages = packagesOf(requirementIds);
  expect(new Set(packages).size).toBe(packages.length);
  expect(await formatInstallCommand(["a", "b"])).toMatch(
    /^(sudo )?apt-get update && (sudo )?apt-get install --yes --no-install-recommends a b$/,
  );
});
