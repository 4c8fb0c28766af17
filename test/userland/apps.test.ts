// SPDX-License-Identifier: Apache-2.0
/** The recipes, in ring 3: what is to run in ring 0 must first be right as an ordinary process. */

import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { findCallSites } from "../../src/app/bind-program.js";
import { type BuiltApp, buildApp } from "../../src/app/build-app.js";
import { resolveApp } from "../../src/app/resolve-app.js";
import { parseElf } from "../../src/elf/parse-elf.js";
import { findUklNote } from "../../src/elf/ukl-note.js";
import { packagePath } from "../../src/host/package-path.js";
import type { ProcessGroup } from "../../src/host/process-group.js";
import { requireTools } from "../../src/host/require-tools.js";
import { runCommand } from "../../src/host/run-command.js";
import { findRawSystemCalls } from "../../src/toolchain/raw-system-calls.js";
import { findFreePort } from "../find-free-port.js";
import { ctx, disassemble, run, useDirectory } from "./fixture.js";
import { openConnection, readBytes, startServer } from "./server.js";

/** The kernel of these tests: no machine runs it, only the addresses matter. */
const kernel = { systemCall: 0xffffffff81234560n, buildId: new Uint8Array(20).fill(0xab) };

async function buildRecipe(name: string): Promise<BuiltApp> {
  return buildApp(ctx, await resolveApp(name));
}

/** Every recorded call goes to the kernel, and nothing else changed but the note. */
async function expectBound(name: string): Promise<void> {
  const app = await resolveApp(name);
  const { program } = await buildApp(ctx, app);
  const bound = await buildApp(ctx, app, { link: kernel });
  const elf = parseElf(readFileSync(bound.program), bound.program);
  expect(findUklNote(elf)).toEqual({ kernelBuildId: kernel.buildId });
  const code = await disassemble(bound.program);
  const calls = code.match(/call +ffffffff81234560 /g) ?? [];
  expect(calls.length).toBe(findCallSites(elf, name).length);
  expect(code).not.toMatch(/call .*<__ukl_syscall>/);

  const before = readFileSync(program);
  const changed = [...elf.bytes].filter((byte, index) => byte !== before[index]).length;
  expect(elf.bytes.length).toBe(before.length);
  expect(changed).toBeLessThanOrEqual(4 * calls.length + 24);
}

describe("hello", () => {
  test("says that it is in ring 3, and passes the level on", async () => {
    const { program, kind } = await buildRecipe("hello");
    expect(kind).toBe("linked-base");
    const { stdout, exitCode } = await runCommand(ctx, program, [], { env: { UKL_LEVEL: "linux" } });
    const { stdout: release } = await run("uname", ["-r"]);
    expect(stdout).toBe(`CPL 3\nkernel ${release}level linux\n`);
    expect(exitCode).toBe(0);
  });

  test("builds with the system's compiler too", async () => {
    const program = path.join(useDirectory(), "hello");
    const source = packagePath("apps", "hello", "hello.c");
    await runCommand(ctx, "gcc", ["-static", "-Wall", "-Wextra", "-Werror", "-o", program, source]);
    expect((await run(program)).stdout).toMatch(/^CPL 3\nkernel .*\nlevel unknown\n$/);
  });

  test("is linked directly", () => expectBound("hello"));
});

describe("echo", () => {
  async function start(program: string): Promise<{ server: ProcessGroup; port: number }> {
    const port = await findFreePort();
    return { server: await startServer(program, [String(port)], /^echo: listening on port/), port };
  }

  test("sends back what many clients sent, at once and in any amount", async () => {
    const { program } = await buildRecipe("echo");
    const { server, port } = await start(program);
    await using _server = server;
    const clients = await Promise.all(Array.from({ length: 50 }, () => openConnection(port)));
    await Promise.all(
      clients.map(async (client, index) => {
        const sent = randomBytes(1 + index * 4000);
        client.write(sent);
        expect((await readBytes(client, sent.length)).equals(sent)).toBe(true);
        client.destroy();
      }),
    );
  });

  test("a client that does not read holds up only itself", async () => {
    const { program } = await buildRecipe("echo");
    const { server, port } = await start(program);
    await using _server = server;
    const stuck = await openConnection(port);
    const sent = randomBytes(8 << 20);
    stuck.write(sent);
    const other = await openConnection(port);
    other.write("hello");
    expect(String(await readBytes(other, 5))).toBe("hello");
    expect((await readBytes(stuck, sent.length)).equals(sent)).toBe(true);
    stuck.destroy();
    other.destroy();
  });

  test("says what is wrong with its arguments", async () => {
    const { program } = await buildRecipe("echo");
    expect(await run(program, ["http"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('"http" is not a port') as string,
    });
    const { server, port } = await start(program);
    await using _server = server;
    expect(await run(program, [String(port)])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`cannot bind to port ${port}: Address already in use`) as string,
    });
  });

  test("builds with the system's compiler too", async () => {
    const program = path.join(useDirectory(), "echo");
    const source = packagePath("apps", "echo", "echo.c");
    await runCommand(ctx, "gcc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source]);
    const { server, port } = await start(program);
    await using _server = server;
    const client = await openConnection(port);
    client.write("plain");
    expect(String(await readBytes(client, 5))).toBe("plain");
    client.destroy();
  });
});

describe("redis", () => {
  beforeAll(() => requireTools(ctx, ["redis-cli"]));

  async function start(
    directory: string,
    ...args: readonly string[]
  ): Promise<{ server: ProcessGroup; port: number }> {
    const { app, program } = await buildRecipe("redis");
    const port = await findFreePort();
    const configuration = app.files.find(({ path }) => path === "/etc/redis/redis.conf")?.file ?? "";
    const all = [configuration, "--port", String(port), "--dir", directory, ...args];
    return { server: await startServer(program, all, /Ready to accept connections/), port };
  }

  async function cli(port: number, ...args: readonly string[]): Promise<string> {
    return (await runCommand(ctx, "redis-cli", ["-p", String(port), ...args])).stdout.trim();
  }

  test("has system calls as calls only", async () => {
    const { program } = await buildRecipe("redis");
    expect(new Set(await findRawSystemCalls(ctx, [program]))).toEqual(
      new Set(["ukl_syscall_by_instruction"]),
    );
  });

  test("is linked directly", () => expectBound("redis"));

  test("answers redis-cli and redis-benchmark", async () => {
    const { server, port } = await start(useDirectory(), "--save", "");
    await using _server = server;
    expect(await cli(port, "ping")).toBe("PONG");
    expect(await cli(port, "info", "server")).toContain("redis_version:7.0.15");
    expect(await cli(port, "eval", "return {KEYS[1], ARGV[1] * 2}", "1", "key", "21")).toBe("key\n42");
    const benchmark = ["-p", String(port), "-q", "--csv", "-n", "2000", "-t", "set,get,lpush"];
    const { stdout } = await runCommand(ctx, "redis-benchmark", benchmark);
    expect(stdout.trim().split("\n").length).toBe(4);
  });

  test("keeps its data in a snapshot that a forked child writes", async () => {
    const directory = useDirectory();
    {
      const { server, port } = await start(directory, "--save", "");
      await using _server = server;
      await cli(port, "set", "kept", "by snapshot");
      await cli(port, "bgsave");
      // The answer to the next one comes when the child has ended.
      await expect
        .poll(() => cli(port, "info", "persistence"), { timeout: 30_000 })
        .toContain("rdb_bgsave_in_progress:0");
      expect(await cli(port, "info", "persistence")).toContain("rdb_last_bgsave_status:ok");
    }
    const { server, port } = await start(directory, "--save", "");
    await using _server = server;
    expect(await cli(port, "get", "kept")).toBe("by snapshot");
  });

  test("keeps its data in an append-only file, and rewrites that", async () => {
    const directory = useDirectory();
    writeFileSync(path.join(directory, "own.conf"), "appendonly yes\nappendfsync always\n");
    const include = ["--include", path.join(directory, "own.conf")];
    {
      const { server, port } = await start(directory, ...include);
      await using _server = server;
      await cli(port, "set", "kept", "by log");
      await cli(port, "bgrewriteaof");
      await expect
        .poll(() => cli(port, "info", "persistence"), { timeout: 30_000 })
        .toContain("aof_rewrite_in_progress:0");
      expect(await cli(port, "info", "persistence")).toContain("aof_last_bgrewrite_status:ok");
    }
    const { server, port } = await start(directory, ...include);
    await using _server = server;
    expect(await cli(port, "get", "kept")).toBe("by log");
  });
});
