// SPDX-License-Identifier: Apache-2.0
import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTestDirectory, type TestDirectory } from "../../test/test-directory.js";
import { createContext } from "./context.js";
import { packagesOf, requireTools } from "./require-tools.js";
import { type RequirementId, requirements } from "./requirements.js";

const missing = "ukl-test" as RequirementId;
const table: Record<string, unknown> = requirements;

let directory: TestDirectory;

/** A tool that is missing, and in PATH an apt-get and a sudo of ours, so that nothing is installed whatever happens. */
beforeEach(async () => {
  directory = await createTestDirectory();
  table[missing] = {
    probe: { program: "ukl-test-tool" },
    debianPackage: "ukl-test-package",
    neededFor: ["test"],
  };
  vi.stubEnv("PATH", directory.path);
  await writeScript("sudo", 'while case $1 in -*) true ;; *) false ;; esac; do shift; done\nexec "$@"');
  await writeScript("apt-get", "exit 0");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  delete table[missing];
  await directory[Symbol.asyncDispose]();
});

async function writeScript(name: string, script: string): Promise<void> {
  const file = path.join(directory.path, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

/** An apt-get whose install brings the tool. */
function writeWorkingApt(): Promise<void> {
  const tool = path.join(directory.path, "ukl-test-tool");
  const log = path.join(directory.path, "apt.log");
  return writeScript("apt-get", `echo "$@" >>'${log}'; printf '#!/bin/sh\\n' >'${tool}'; chmod +x '${tool}'`);
}

test("what is there is not asked for", async () => {
  await writeScript("ukl-test-tool", "exit 0");
  await expect(requireTools(createContext(), [missing])).resolves.toBeUndefined();
});

test("without leave and without a terminal, refuses with the command", async () => {
  await expect(requireTools(createContext(), [missing])).rejects.toMatchObject({
    code: "HOST_TOOL_MISSING",
    message: 'Cannot use "ukl-test": it is not installed',
    hint: expect.stringContaining("apt-get install --yes --no-install-recommends ukl-test-package"),
  });
});

describe("with leave to install", () => {
  test("installs, and is content", async () => {
    await writeWorkingApt();
    await expect(requireTools(createContext({ assumeYes: true }), [missing])).resolves.toBeUndefined();
  });

  test("says so when the package did not bring it", async () => {
    await expect(requireTools(createContext({ assumeYes: true }), [missing])).rejects.toMatchObject({
      code: "HOST_TOOL_MISSING",
    });
  });

  test("says so when apt-get fails", async () => {
    await writeScript("apt-get", "echo 'E: Unable to locate package' >&2; exit 100");
    await expect(requireTools(createContext({ assumeYes: true }), [missing])).rejects.toThrow(
      "Unable to locate package",
    );
  });
});

describe("on a terminal", () => {
  const ctx = createContext({ interactive: true });

  /** Answers the question that requireTools asks on stdin. */
  function type(text: string): { readonly asked: () => string } {
    const stdin = new PassThrough();
    vi.spyOn(process, "stdin", "get").mockReturnValue(stdin as never);
    let asked = "";
    vi.spyOn(process.stderr, "write").mockImplementation((piece) => {
      asked += String(piece);
      return true;
    });
    stdin.end(text);
    return { asked: () => asked };
  }

  test.each(["\n", "y\n", "Yes\n"])("%j installs", async (answer) => {
    await writeWorkingApt();
    const { asked } = type(answer);
    await requireTools(ctx, [missing]);
    expect(asked()).toContain("ukl-test-package");
  });

  test.each(["n\n", "no\n", "what?\n"])("%j does not", async (answer) => {
    await writeWorkingApt();
    type(answer);
    await expect(requireTools(ctx, [missing])).rejects.toMatchObject({ code: "HOST_TOOL_MISSING" });
  });

  // readline's question never settles when its input ends; the process then ends with 70 and no word.
  test("Ctrl-D, the end of the input, is a no", { timeout: 2_000 }, async () => {
    type("");
    await expect(requireTools(ctx, [missing])).rejects.toMatchObject({ code: "HOST_TOOL_MISSING" });
  });

  test("Ctrl-C while it asks ends it", async () => {
    const controller = new AbortController();
    vi.spyOn(process, "stdin", "get").mockReturnValue(new PassThrough() as never);
    const asked = new Promise<void>((resolve) => {
      vi.spyOn(process.stderr, "write").mockImplementation(() => {
        resolve();
        return true;
      });
    });
    const requiring = requireTools(createContext({ interactive: true, signal: controller.signal }), [
      missing,
    ]);
    await asked;
    controller.abort(new Error("Ctrl-C"));
    await expect(requiring).rejects.toThrow("Ctrl-C");
  });
});

test("packages are named once, in the table's order", () => {
  expect(packagesOf(["gcc", "lz4", "gcc"])).toEqual(["gcc", "lz4"]);
});
