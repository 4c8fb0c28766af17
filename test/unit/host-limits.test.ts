// SPDX-License-Identifier: Apache-2.0
/** A machine that is full, read-only or not as it should be: the user is told, and nothing half-done is left. */

import { execFileSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { cached } from "../../src/host/cache.js";
import { type Context, createContext } from "../../src/host/context.js";
import { tryFileLock } from "../../src/host/file-lock.js";
import { checkRequirements, findProgram, requirements } from "../../src/host/requirements.js";
import { runCommand } from "../../src/host/run-command.js";
import { createTestDirectory, type TestDirectory } from "../test-directory.js";

const ctx = createContext();

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A file system of its own, as small as it gets. Only root, with the right to mount, has one. */
async function mountTiny(options: string): Promise<TestDirectory> {
  const directory = await createTestDirectory();
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", directory.path], { stdio: "pipe" });
  return {
    path: directory.path,
    [Symbol.asyncDispose]: async () => {
      execFileSync("umount", ["--lazy", directory.path]);
      await directory[Symbol.asyncDispose]();
    },
  };
}

const mayMount = await mountTiny("size=64k").then(
  (mounted) => mounted[Symbol.asyncDispose]().then(() => true),
  () => false,
);

function buildThing(ctx: Context, file: string, args: readonly string[]) {
  return cached(ctx, {
    kind: "thing",
    name: "a",
    inputs: 1,
    title: "Building a thing",
    build: async (ctx, { directory }) => {
      await runCommand(ctx, file, args, { cwd: directory });
    },
  });
}

describe.skipIf(!mayMount)("a full disk", () => {
  test("is the message when a command met it, with the way out", async () => {
    await using disk = await mountTiny("size=64k");
    await expect(
      runCommand(ctx, "dd", ["if=/dev/zero", "of=file", "bs=64k", "count=4"], { cwd: disk.path }),
    ).rejects.toMatchObject({
      code: "HOST_NO_SPACE",
      message: 'Cannot finish "dd": no space left on the device',
      hint: "Free some space, or let go of old builds: ukl cache prune",
    });
  });

  test("leaves no entry in the cache, and the space is free again", async () => {
    await using disk = await mountTiny("size=256k");
    const ctx = createContext({ cacheDir: disk.path });
    const filling = buildThing(ctx, "dd", ["if=/dev/zero", "of=file", "bs=64k", "count=8"]);
    await expect(filling).rejects.toMatchObject({ code: "HOST_NO_SPACE" });
    const left = await readdir(path.join(disk.path, "thing"));
    expect(left.filter((name) => !name.endsWith(".lock"))).toEqual([]);
    await expect(buildThing(ctx, "touch", ["file"])).resolves.toMatchObject({ hit: false });
  });

  // The lock's child lives on when the pid cannot be written into the file: nobody gets the lock ever after.
  test("does not leave a lock held that nobody got", async () => {
    await using disk = await mountTiny("size=16k");
    const file = path.join(disk.path, "a.lock");
    await writeFile(file, "");
    await writeFile(path.join(disk.path, "filler"), Buffer.alloc(1 << 20)).catch(() => {});
    await expect(tryFileLock(ctx, file)).rejects.toMatchObject({ code: "ENOSPC" });
    execFileSync("flock", ["--nonblock", file, "true"]);
  });
});

describe.skipIf(!mayMount)("a read-only disk", () => {
  test("still gives what is in the cache", async () => {
    await using disk = await mountTiny("size=256k");
    const ctx = createContext({ cacheDir: disk.path });
    await buildThing(ctx, "touch", ["file"]);
    execFileSync("mount", ["-o", "remount,ro", disk.path]);
    await expect(buildThing(ctx, "touch", ["file"])).resolves.toMatchObject({ hit: true });
  });
});

// flock cannot open its file; that is taken for a lock which is held, and ends as a bug.
test("a folder of the cache that cannot be written is said so", async () => {
  const ctx = createContext({ cacheDir: "/sys" });
  const building = cached(ctx, {
    kind: "kernel",
    name: "a",
    inputs: 1,
    title: "Building",
    build: async () => {},
  });
  await expect(building).rejects.toMatchObject({ code: "HOST_NOT_WRITABLE" });
});

describe("a command", () => {
  // Node reports the missing directory as if the program were missing.
  test("in a directory that is not there is not called a missing tool", async () => {
    await expect(runCommand(ctx, "echo", [], { cwd: "/no/such/directory" })).rejects.not.toMatchObject({
      code: "HOST_TOOL_MISSING",
    });
  });

  test("that cannot be started does not leave its log open", async () => {
    await using directory = await createTestDirectory();
    const logFile = path.join(directory.path, "log");
    for (let index = 0; index < 5; index++)
      await expect(runCommand(ctx, "no-such-tool", [], { logFile })).rejects.toThrow("not installed");
    const open = execFileSync("find", [`/proc/${process.pid}/fd`, "-lname", logFile]).toString();
    expect(open).toBe("");
  });

  test("prints more than a pipe holds", async () => {
    const { stdout } = await runCommand(ctx, "seq", ["200000"]);
    expect(stdout.length).toBe(1_288_895);
    expect(stdout.endsWith("\n200000\n")).toBe(true);
  });

  test("prints characters that are cut in two by the pipe", async () => {
    const { stdout } = await runCommand(ctx, "sh", ["-c", "printf '\\303'; printf '\\251' ; printf '\\303'"]);
    expect(stdout.startsWith("é")).toBe(true);
  });
});

describe("a PATH", () => {
  test("with a directory of a program's name has no such program", async () => {
    await using directory = await createTestDirectory();
    await mkdir(path.join(directory.path, "ukl-test-tool"));
    vi.stubEnv("PATH", directory.path);
    await expect(findProgram("ukl-test-tool")).resolves.toBeUndefined();
  });

  test("that is empty still has the system's programs", async () => {
    vi.stubEnv("PATH", "");
    await expect(findProgram("sh")).resolves.toMatch(/\/sh$/);
  });

  // One tool that cannot say its version takes the whole report down.
  test("with a program that cannot be run lists it without a version", async () => {
    await using directory = await createTestDirectory();
    const table: Record<string, unknown> = requirements;
    table["ukl-test"] = { probe: { program: "ukl-test-tool" }, debianPackage: "x", neededFor: [] };
    await writeFile(path.join(directory.path, "ukl-test-tool"), "#!/no/such/interpreter\n", { mode: 0o755 });
    vi.stubEnv("PATH", directory.path);
    try {
      await expect(checkRequirements(ctx, ["ukl-test" as never])).resolves.toMatchObject([
        { present: true, version: undefined },
      ]);
    } finally {
      delete table["ukl-test"];
    }
  });
});
