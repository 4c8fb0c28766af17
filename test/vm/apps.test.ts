// SPDX-License-Identifier: Apache-2.0
/** The recipes and a C file in ring 0, used as their users would. */

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createContext } from "../../src/host/context.js";
import { packagePath } from "../../src/host/package-path.js";
import { requireTools } from "../../src/host/require-tools.js";
import { buildKernel } from "../../src/kernel/build-kernel.js";
import { findFreePort } from "../find-free-port.js";
import type { CommandEnd } from "../finish-command.js";
import { createScratch, readUntil, type Scratch } from "./boot.js";
import { runUkl } from "./ukl-command.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

beforeAll(async () => {
  await requireTools(ctx, ["redis-cli", "memcping", "curl", "openssl"]);
  execFileSync(packagePath("node_modules", ".bin", "tsc"), ["--build"], { cwd: packagePath() });
  for (const ukl of [true, false]) await buildKernel(ctx, { ukl });
});

let scratch: Scratch;
beforeEach(() => {
  scratch = createScratch();
  writeFileSync(scratch.path("ukl.config.ts"), "");
});
afterEach(async () => {
  for (const name of running.splice(0)) await ukl("stop", name);
  scratch[Symbol.dispose]();
});

const running: string[] = [];
const ukl = (...args: readonly string[]): Promise<CommandEnd> => runUkl(scratch.directory, ...args);

/** Starts a server in the background; it is stopped after the test. */
async function detach(name: string, ...args: readonly string[]): Promise<void> {
  running.push(name);
  const { status, stderr } = await ukl("run", "--detach", "--name", name, ...args);
  expect(status, stderr).toBe(0);
}

describe("hello", () => {
  test("is in ring 0, with the processor's protections on", async () => {
    const { status, stdout } = await ukl("run", "hello");
    expect(stdout).toMatch(/^CPL 0\nSMEP on\nSMAP on\nkernel 6\.12\.\d+\nlevel base\n$/);
    expect(status).toBe(0);
  });

  test("is an ordinary process at the level linux", async () => {
    const { status, stdout } = await ukl("run", "hello", "--level", "linux");
    expect(stdout).toMatch(/^CPL 3\nkernel 6\.12\.\d+\nlevel linux\n$/);
    expect(status).toBe(0);
  });

  test("is there with randomised kernel addresses, again and again", async () => {
    for (let round = 0; round < 5; round++)
      expect((await ukl("run", "hello", "--kaslr")).stdout).toContain("CPL 0");
  });
});

describe("a C file", () => {
  test("ends with its status", async () => {
    writeFileSync(scratch.path("seven.c"), "int main(void) { return 7; }\n");
    expect((await ukl("run", "seven.c")).status).toBe(7);
  });

  test("that crashes is a SIGSEGV", async () => {
    writeFileSync(scratch.path("bad.c"), "int main(void) { return *(volatile int *)16; }\n");
    const { status, stderr } = await ukl("run", "bad.c");
    expect(status).toBe(139);
    expect(stderr).toContain("SIGSEGV");
    expect(stderr).not.toMatch(/panic/i);
  });

  test("that does not compile shows the compiler's message", async () => {
    writeFileSync(scratch.path("wrong.c"), "int main(void) { return undeclared; }\n");
    const { status, stderr } = await ukl("run", "wrong.c");
    expect(status).toBe(1);
    expect(stderr).toMatch(/wrong\.c:1.*undeclared/);
  });
});

test("echo serves several clients at once", async () => {
  const port = await findFreePort();
  await detach("e1", "echo", "--port", `5000:${port}`);
  const clients = Array.from({ length: 8 }, async (_, index) => {
    const sent = randomBytes(1 + index * 3000);
    const client = connect(port, "127.0.0.1").end(sent);
    expect((await buffer(client)).equals(sent)).toBe(true);
  });
  await Promise.all(clients);
});

describe("the recipes of whole packages", () => {
  test("pass their own tests with real clients, and the list says so", async () => {
    const { status, stdout, stderr } = await ukl("apps", "--test", "--json", "memcached", "nginx");
    expect(status, stderr).toBe(0);
    const reports = JSON.parse(stdout) as { name: string; state: string; sizeBytes: number }[];
    expect(reports).toMatchObject([
      { name: "memcached", state: "passed", version: "1.6.18" },
      { name: "nginx", state: "passed", version: "1.22.1" },
    ]);
    expect((await ukl("apps", "memcached")).stdout).toMatch(/^memcached +1\.6\.18 .* MiB +passed \d{4}-/m);
  });
});

describe("redis", () => {
  const cli = (port: number, ...args: readonly string[]): string =>
    execFileSync("redis-cli", ["-p", String(port), ...args], { encoding: "utf8", timeout: 60_000 }).trim();

  test("answers its own client and benchmark", async () => {
    const port = await findFreePort();
    await detach("r1", "redis", "--port", `6379:${port}`, "--cpus", "2");
    expect(cli(port, "ping")).toBe("PONG");
    const args = ["-p", String(port), "-q", "-n", "5000", "-c", "10", "-t", "set,get,lpush"];
    const benchmark = execFileSync("redis-benchmark", args, { encoding: "utf8", timeout: 200_000 });
    for (const command of ["SET", "GET", "LPUSH"])
      expect(benchmark).toMatch(new RegExp(`${command}: [\\d.]+ requests per second`));
    expect(cli(port, "object", "encoding", "key:__rand_int__")).toBe("embstr");
  });

  test("keeps its data across runs: a forked child saves it, an append-only file logs it", async () => {
    const port = await findFreePort();
    const forward = `6379:${port}`;
    const volume = `${scratch.path("data")}:/data`;
    const start = (name: string): Promise<void> =>
      detach(name, "redis", "--port", forward, "--volume", volume, "--", "--appendonly", "yes");
    await start("r1");
    cli(port, "set", "greeting", "hello");
    const before = Number(cli(port, "lastsave"));
    expect(cli(port, "bgsave")).toBe("Background saving started");
    await expect
      .poll(() => cli(port, "info", "persistence"), { timeout: 60_000 })
      .toContain("rdb_bgsave_in_progress:0");
    expect(cli(port, "info", "persistence")).toContain("rdb_last_bgsave_status:ok");
    expect(Number(cli(port, "lastsave"))).toBeGreaterThanOrEqual(before);
    expect(readFileSync(scratch.path("data/dump.rdb")).subarray(0, 5).toString()).toBe("REDIS");
    expect((await ukl("logs", "r1")).stdout).toContain("Background saving terminated with success");
    cli(port, "set", "later", "logged");
    expect((await ukl("stop", "r1")).status).toBe(0);
    expect(readdirSync(scratch.path("data"))).toContain("appendonlydir");

    await start("r2");
    // Until the append-only file is read the answer is "LOADING".
    await expect.poll(() => cli(port, "get", "greeting"), { timeout: 60_000 }).toBe("hello");
    expect(cli(port, "get", "later")).toBe("logged");
  });

  test("is one file that boots by itself, linked against its kernel", async () => {
    const { status, stderr } = await ukl("build", "redis", "-o", "redis.bzimage");
    expect(status, stderr).toBe(0);
    const port = await findFreePort();
    const args = [
      "-kernel",
      "redis.bzimage",
      "-M",
      "pc",
      "-cpu",
      "max",
      "-m",
      "256M",
      "-nographic",
      "-no-reboot",
    ];
    const network = ["-nic", `user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:${port}-:6379`];
    const child = spawn("qemu-system-x86_64", [...args, ...network], { cwd: scratch.directory });
    try {
      expect(await readUntil(child.stdout ?? undefined, "Ready to accept connections")).toContain(
        "Ready to accept",
      );
      expect(cli(port, "ping")).toBe("PONG");
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  });
});
