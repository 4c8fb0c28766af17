// SPDX-License-Identifier: Apache-2.0
/** `ukl run` and its relatives from outside, with unmodified static programs. */

import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createContext } from "../../src/host/context.js";
import { packagePath } from "../../src/host/package-path.js";
import { buildKernel } from "../../src/kernel/build-kernel.js";
import { listMachines } from "../../src/vm/machine-registry.js";
import { isRunning } from "../../src/vm/process-identity.js";
import { findFreePort } from "../find-free-port.js";
import { type CommandEnd, finishCommand } from "../finish-command.js";
import { createScratch, readUntil, type Scratch } from "./boot.js";
import { runUkl, startUkl } from "./ukl-command.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

beforeAll(async () => {
  execFileSync(packagePath("node_modules", ".bin", "tsc"), ["--build"], { cwd: packagePath() });
  await buildKernel(ctx, { ukl: true });
  await buildKernel(ctx, { ukl: false });
});

let scratch: Scratch;
beforeEach(() => {
  scratch = createScratch();
});
afterEach(() => scratch[Symbol.dispose]());

const source = `
  #include <arpa/inet.h>
  #include <signal.h>
  #include <stdio.h>
  #include <stdlib.h>
  #include <string.h>
  #include <sys/socket.h>
  #include <unistd.h>
  static int serve(const char *greeting) {
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(7000) };
    int one = 1, s = socket(AF_INET, SOCK_STREAM, 0);
    char b[100];
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(s, (void *)&a, sizeof a) || listen(s, 5)) return 1;
    puts("serving");
    fflush(stdout);
    for (;;) {
      int c = accept(s, 0, 0);
      if (greeting) dprintf(c, "%s", greeting);
      long n = read(c, b, sizeof b);
      if (n > 0) write(c, b, n);
      close(c);
    }
  }
  int main(int argc, char **argv) {
    unsigned short cs;
    asm("mov %%cs, %0" : "=r"(cs));
    if (!strcmp(argv[1], "cpl")) return printf("CPL %d level %s\\n", cs & 3, getenv("UKL_LEVEL")), 0;
    if (!strcmp(argv[1], "exit")) return atoi(argv[2]);
    if (!strcmp(argv[1], "crash")) return *(volatile int *)16;
    if (!strcmp(argv[1], "upper")) { int c; while ((c = getchar()) != EOF) putchar(c >= 'a' && c <= 'z' ? c - 32 : c); return 0; }
    if (!strcmp(argv[1], "serve")) return serve(argv[2]);
    puts("spinning"); fflush(stdout);
    for (;;);
  }`;

/** Compiles the program into the scratch directory, which is the project that the command line runs in. */
function compile(): string {
  writeFileSync(scratch.path("plain.c"), source);
  execFileSync("gcc", ["-static", "-w", "-o", "plain", "plain.c"], { cwd: scratch.directory });
  writeFileSync(scratch.path("ukl.config.ts"), "");
  return "./plain";
}

const start = (args: readonly string[]): ChildProcess => startUkl(scratch.directory, args);
const ukl = (...args: readonly string[]): Promise<CommandEnd> => runUkl(scratch.directory, ...args);

async function liveMachines() {
  return (await listMachines(scratch.machinesDirectory)).filter(({ running }) => running);
}

describe("ukl run", () => {
  test.each([
    ["linux", "CPL 3 level linux\n"],
    ["compat", "CPL 0 level compat\n"],
  ])("runs an unmodified program at the level %s", async (level, stdout) => {
    expect(await ukl("run", compile(), "--level", level, "--", "cpl")).toMatchObject({ status: 0, stdout });
  });

  test("ends with the application's status", async () => {
    expect(await ukl("run", compile(), "--", "exit", "7")).toMatchObject({ status: 7, stdout: "" });
  });

  test("says which signal the application died of; the kernel lives on", async () => {
    const { status, stderr } = await ukl("run", compile(), "--", "crash");
    expect(status).toBe(139);
    expect(stderr).toContain("Application died of SIGSEGV (segmentation fault)");
    expect(stderr).not.toContain("kernel failed");
  });

  test("passes standard input on, and its end", async () => {
    const { status, stdout } = await finishCommand(start(["run", compile(), "--", "upper"]), "some text\n");
    expect({ status, stdout }).toEqual({ status: 0, stdout: "SOME TEXT\n" });
  });

  test("ends a program that hangs in time", async () => {
    const { status, stderr } = await ukl("run", compile(), "--timeout", "8", "--", "spin");
    expect(status).toBe(124);
    expect(stderr).toContain("it still ran after 8 s");
    expect(await liveMachines()).toEqual([]);
  });

  test("Ctrl-C ends everything with 130", async () => {
    const child = start(["run", compile(), "--", "spin"]);
    await readUntil(child.stdout ?? undefined, "spinning\n");
    const [machine] = await liveMachines();
    child.kill("SIGINT");
    expect((await finishCommand(child)).status).toBe(130);
    expect(machine && (await isRunning(machine.process))).toBe(false);
  });

  test("a machine on the terminal does not survive ukl's violent death", async () => {
    const child = start(["run", compile(), "--", "spin"]);
    await readUntil(child.stdout ?? undefined, "spinning\n");
    const [machine] = await liveMachines();
    child.kill("SIGKILL");
    await once(child, "exit");
    await expect.poll(() => machine && isRunning(machine.process)).toBe(false);
    expect((await ukl("ps")).stdout).not.toContain("plain");
  });

  test("refuses what cannot be before it builds anything", async () => {
    const program = compile();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const used = await ukl("run", program, "--port", `7000:${port}`, "--", "serve");
    expect(used.status).toBe(1);
    expect(used.stderr).toMatch(/it is in use by .*\(process \d+\)/);
    server.close();
    expect(await ukl("run", "helo")).toMatchObject({ status: 2, stderr: expect.stringContaining('"hello"') });
    expect(await ukl("run", program, "--memory", "lots")).toMatchObject({ status: 2 });
    expect(await ukl("run", program, "--level", "base")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("its system calls are instructions"),
    });
  });
});

test("a detached machine is ready when the command returns; ps, logs, stop", async () => {
  const port = await findFreePort();
  const program = compile();
  const started = await ukl(
    "run",
    program,
    "--detach",
    "--name",
    "s1",
    "--port",
    `7000:${port}`,
    "--",
    "serve",
  );
  expect(started).toMatchObject({ status: 0, stdout: "s1\n" });
  const client = connect(port, "127.0.0.1");
  client.write("hello");
  expect(String((await once(client, "data"))[0])).toBe("hello");
  client.destroy();
  expect((await ukl("ps")).stdout).toMatch(
    new RegExp(`^s1 +plain +compat +running +127.0.0.1:${port}→7000`, "m"),
  );
  expect((await ukl("logs", "s1")).stdout).toBe("serving\n");
  expect((await ukl("logs", "s1", "--kernel")).stdout).toContain("Run /init as init process");
  expect(await ukl("run", program, "--detach", "--name", "s1", "--", "serve")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("one of this name runs"),
  });
  expect(await ukl("stop", "s1")).toMatchObject({ status: 0, stdout: "s1: SIGTERM\n" });
  expect(await liveMachines()).toEqual([]);
  expect((await ukl("ps")).stdout).not.toContain("s1");
  expect((await ukl("ps", "--all")).stdout).toContain("SIGTERM");
  expect(await ukl("stop", "s2")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('there is "s1"'),
  });
});

test("a server may speak before its client", async () => {
  const port = await findFreePort();
  const parts = ["--detach", "--network", "qemu", "--port", `7000:${port}`];
  expect(await ukl("run", compile(), ...parts, "--", "serve", "220 ready")).toMatchObject({ status: 0 });
  const client = connect(port, "127.0.0.1");
  expect(String((await once(client, "data"))[0])).toBe("220 ready");
  client.destroy();
  expect(await ukl("stop", "plain")).toMatchObject({ status: 0 });
});

test("one file boots by itself, and is the same when it is built again", async () => {
  const program = compile();
  const image = await buildFile(program);
  const args = ["-M", "pc", "-cpu", "max", "-m", "128", "-nographic", "-no-reboot"];
  const output = execFileSync("qemu-system-x86_64", [...args, "-kernel", image.file], {
    encoding: "utf8",
    timeout: 120_000,
  });
  expect(output).toContain("CPL 0 level compat");
  expect(output).toContain("ended with status 0");
  // The same inputs, built anew.
  rmSync(path.dirname(image.cached), { recursive: true });
  expect((await buildFile(program)).sha256).toBe(image.sha256);
});

async function buildFile(program: string) {
  const result = await ukl("build", program, "-o", "plain.bzimage", "--json", "--", "cpl");
  expect(result.status, result.stderr).toBe(0);
  return JSON.parse(result.stdout) as {
    readonly sha256: string;
    readonly file: string;
    readonly cached: string;
  };
}
