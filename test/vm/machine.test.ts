// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createContext } from "../../src/host/context.js";
import { removeMachine, stopMachine } from "../../src/vm/end-machine.js";
import { describeExit, exitStatusOf } from "../../src/vm/machine-exit.js";
import { findMachine, listMachines, resolveMachine } from "../../src/vm/machine-registry.js";
import { parsePortForward } from "../../src/vm/port-forward.js";
import { findFreePort } from "../find-free-port.js";
import { boot, createScratch, isAlive, readUntil, runProgram, type Scratch, waitForText } from "./boot.js";

let scratch: Scratch;
beforeEach(() => {
  scratch = createScratch();
});
afterEach(() => scratch[Symbol.dispose]());

describe("a machine's streams", () => {
  test("pipes stay apart, input has an end, and the exit status comes through", async () => {
    const source = `int main(int argc, char **argv) {
      char line[100];
      while (fgets(line, sizeof line, stdin)) printf("%s: %s", argv[1], line);
      fprintf(stderr, "tty %d %d %d\\n", isatty(0), isatty(1), isatty(2));
      return 7;
    }`;
    const result = await runProgram(scratch, source, {
      configuration: { args: ["two words"] },
      input: "first\nsecond\n",
    });
    expect(result.stdout).toBe("two words: first\ntwo words: second\n");
    expect(result.stderr).toBe("tty 0 0 0\n");
    expect(result.exit).toEqual({ kind: "exit", status: 7 });
    expect(await result.machine.started).toBe(true);
    expect(existsSync(result.machine.directory)).toBe(false);
  });

  test("a megabyte of any bytes passes both ways", async () => {
    const source = `char b[4096]; int main(void) { long n; while ((n = read(0, b, sizeof b)) > 0) write(1, b, n); return 0; }`;
    const input = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => (index * 7) & 255)).toString(
      "latin1",
    );
    const result = await runProgram(scratch, source, { input: Buffer.from(input, "latin1") });
    expect(result.exit).toEqual({ kind: "exit", status: 0 });
    expect(result.bytes.equals(Buffer.from(input, "latin1"))).toBe(true);
  });

  test("a terminal is one, passes bytes as they are, and knows the end of input", async () => {
    const source = `int main(void) {
      char line[100];
      printf("tty %d foreground %d\\n", isatty(1), tcgetpgrp(1) == getpgrp());
      while (fgets(line, sizeof line, stdin)) printf("got %s", line);
      printf("last words\\n");
      return 0;
    }`;
    await using machine = await boot(scratch, source, { request: { stdio: "terminal" } });
    machine.stdin?.write("hello\n\x04");
    const output = await readUntil(machine.stdout, "last words\n");
    expect(output).toBe("tty 1 foreground 1\ngot hello\nlast words\n");
    expect(await machine.exited).toEqual({ kind: "exit", status: 0 });
  });

  test("output that was written at the last moment is not lost", async () => {
    const source = `int main(void) {
      for (int i = 0; i < 3000; i++) printf("line %d\\n", i);
      fflush(stdout);
      _exit(0);
    }`;
    await using machine = await boot(scratch, source, { request: { stdio: "terminal" } });
    expect(await readUntil(machine.stdout, "line 2999\n")).toContain("line 2998\n");
  });
});

describe("how a machine ends", () => {
  test("success is 0", async () => {
    const { exit } = await runProgram(scratch, "int main(void) { return 0; }");
    expect(exitStatusOf(exit)).toBe(0);
    expect(describeExit(exit)).toBeUndefined();
  });

  test("a crash of the application says which signal, and the kernel lives on", async () => {
    const { exit } = await runProgram(scratch, "int main(void) { return *(volatile int *)16; }");
    expect(exitStatusOf(exit)).toBe(139);
    expect(describeExit(exit)).toBe("Application died of SIGSEGV (segmentation fault)");
  });

  test("a missing working directory is said to be missing", async () => {
    const { exit, machine } = await runProgram(scratch, "int main(void) { return 0; }", {
      configuration: { cwd: "/nowhere" },
    });
    expect(exit).toMatchObject({
      kind: "exit",
      status: 127,
      message: expect.stringContaining("its working directory is missing"),
    });
    expect(await machine.started).toBe(false);
  });

  test("text with the right to be executed is no program", async () => {
    const { exit } = await runProgram(scratch, Buffer.from("no program\n"));
    expect(exit).toMatchObject({
      status: 126,
      message: expect.stringContaining("not a program that this kernel can run"),
    });
  });

  test("a dynamically linked program misses its loader", async () => {
    writeFileSync(scratch.path("d.c"), "int main(void) { return 0; }");
    execFileSync("gcc", ["-o", scratch.path("d"), scratch.path("d.c")]);
    const { exit } = await runProgram(scratch, readFileSync(scratch.path("d")));
    expect(exit).toMatchObject({ status: 127, message: expect.stringContaining("loader is missing") });
  });

  test("a panic is recognised and explained, and its log kept", async () => {
    // The kernel's own way: no memory left that could be freed by ending a process.
    const source = `#include <sys/mman.h>
      int main(void) {
        FILE *f = fopen("/proc/sys/vm/panic_on_oom", "w");
        fputs("2", f); fclose(f);
        for (;;) { char *p = mmap(0, 1 << 20, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0); p[0] = 1; }
      }`;
    const { exit, machine } = await runProgram(scratch, source);
    expect(exitStatusOf(exit)).toBe(71);
    expect(describeExit(exit)).toMatch(/^The kernel failed: Kernel panic - not syncing: Out of memory/);
    expect(readFileSync(`${machine.directory}/kernel.log`, "utf8")).toContain("Kernel panic");
  });

  test("memory that ran out is told from other kills by the kernel's log", async () => {
    const source = `#include <sys/mman.h>
      int main(void) { for (;;) mmap(0, 1 << 20, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0); }`;
    const { exit } = await runProgram(scratch, source);
    expect(exitStatusOf(exit)).toBe(137);
  });

  test("a guest that spins is ended in time, and its log kept", async () => {
    const { exit, machine } = await runProgram(
      scratch,
      "#include <signal.h>\nint main(void) { signal(SIGTERM, SIG_IGN); for (;;); }",
      {
        request: { timeoutMs: 6_000 },
      },
    );
    expect(exit).toEqual({ kind: "timeout", timeoutMs: 6_000 });
    expect(exitStatusOf(exit)).toBe(124);
    expect(existsSync(machine.directory)).toBe(true);
    expect(await isAlive(machine)).toBe(false);
  });
});

const server = `
  #include <signal.h>
  #include <stdlib.h>
  static void end(int n) { _exit(n); }
  int main(void) { signal(SIGTERM, end); signal(SIGINT, end); puts("ready"); fflush(stdout); for (;;) pause(); }`;

describe("stopping", () => {
  test("asks the application first", async () => {
    await using machine = await boot(scratch, server);
    await readUntil(machine.stdout, "ready\n");
    expect(await machine.stop()).toEqual({ kind: "exit", status: 15 });
    expect(await isAlive(machine)).toBe(false);
  });

  test("Ctrl-C is SIGINT for the application, and nothing is left", async () => {
    const controller = new AbortController();
    const machine = await boot(scratch, server, { ctx: createContext({ signal: controller.signal }) });
    await readUntil(machine.stdout, "ready\n");
    controller.abort();
    expect(await machine.exited).toEqual({ kind: "exit", status: 2 });
    expect(await isAlive(machine)).toBe(false);
    expect(existsSync(machine.directory)).toBe(false);
  });

  test("an application that does not listen is not waited for", async () => {
    const deaf = server.replaceAll("end)", "SIG_IGN)");
    await using machine = await boot(scratch, deaf);
    await readUntil(machine.stdout, "ready\n");
    expect(await machine.stop({ graceMs: 500 })).toEqual({ kind: "stopped" });
    expect(await isAlive(machine)).toBe(false);
  });

  test("a signal that comes during the boot is delivered after it", async () => {
    await using machine = await boot(scratch, server);
    expect(exitStatusOf(await machine.stop({ graceMs: 60_000 }))).toBe(
      15 + 128 * Number((await machine.exited).kind === "signal"),
    );
  });

  test("an abort while QEMU starts leaves nothing", async () => {
    const controller = new AbortController();
    const starting = boot(scratch, server, { ctx: createContext({ signal: controller.signal }) });
    controller.abort(new Error("stop it"));
    await expect(starting).rejects.toThrow("stop it");
    expect(await listMachines(scratch.machinesDirectory)).toEqual([]);
  });
});

describe("several machines", () => {
  test("two run side by side, and a name or a port can be taken once", async () => {
    const port = await findFreePort();
    const forward = parsePortForward(`7:${port}`);
    await using first = await boot(scratch, server, { request: { name: "a", ports: [forward] } });
    await using second = await boot(scratch, server, { request: { name: "b" } });
    await Promise.all([readUntil(first.stdout, "ready\n"), readUntil(second.stdout, "ready\n")]);
    await expect(boot(scratch, server, { request: { name: "a" } })).rejects.toMatchObject({
      code: "VM_NAME_TAKEN",
    });
    await expect(boot(scratch, server, { request: { name: "c", ports: [forward] } })).rejects.toMatchObject({
      code: "VM_PORT_IN_USE",
      message: expect.stringContaining('in use by the machine "a"'),
      hint: expect.stringContaining("ukl stop a"),
    });
    expect((await listMachines(scratch.machinesDirectory)).map(({ name }) => name)).toEqual(["a", "b"]);
  });

  test("a detached machine lives on, is listed, keeps its logs, and is stopped", async () => {
    const machine = await boot(scratch, server, { request: { name: "d", stdio: "log" } });
    expect(await machine.started).toBe(true);
    await waitForText(`${machine.directory}/console.log`, "ready\n");
    await machine[Symbol.asyncDispose]();
    const record = await resolveMachine(scratch.machinesDirectory, "d");
    expect(record).toMatchObject({ running: true, detached: true, app: "test" });
    expect(await stopMachine(record)).toEqual({ kind: "exit", status: 15 });
    expect(await findMachine(scratch.machinesDirectory, "d")).toMatchObject({
      running: false,
      exit: { kind: "exit", status: 15 },
    });
    expect(readFileSync(`${record.directory}/console.log`, "utf8")).toBe("ready\n");
    await removeMachine(record);
    expect(await listMachines(scratch.machinesDirectory)).toEqual([]);
  });

  test("a detached machine that crashes says so afterwards", async () => {
    const machine = await boot(scratch, "int main(void) { abort(); }", { request: { stdio: "log" } });
    expect(exitStatusOf(await machine.exited)).toBe(134);
    expect((await resolveMachine(scratch.machinesDirectory, "m1")).exit).toMatchObject({ signal: "SIGABRT" });
  });
});

describe("the outside world", () => {
  test("a server of the guest is reached through a forwarded port, and the guest reaches the host", async () => {
    const port = await findFreePort();
    const source = `
      #include <arpa/inet.h>
      #include <sys/socket.h>
      int main(void) {
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(7000) };
        int one = 1, s = socket(AF_INET, SOCK_STREAM, 0);
        if (bind(s, (void *)&a, sizeof a) || listen(s, 5)) return 1;
        int c = accept(s, 0, 0); char b[100]; long n = read(c, b, sizeof b); write(c, b, n); close(c);
        return 0;
      }`;
    await using machine = await boot(scratch, source, {
      configuration: {
        network: { address: "10.0.2.15/24", gateway: "10.0.2.2", nameServer: "10.0.2.3" },
        awaitedPorts: [7000],
      },
      request: { ports: [parsePortForward(`7000:${port}`)], awaitedPorts: [7000] },
    });
    expect(await machine.ready).toBe(true);
    const client = connect(port, "127.0.0.1");
    client.write("echo");
    expect(String((await once(client, "data"))[0])).toBe("echo");
    client.destroy();
    expect(await machine.exited).toEqual({ kind: "exit", status: 0 });
  });

  test("a directory of the host keeps what the guest writes", async () => {
    const volume = scratch.path("my, data");
    mkdirSync(volume);
    const source = `int main(void) {
      FILE *f = fopen("/data/count", "r"); int n = 0;
      if (f) { fscanf(f, "%d", &n); fclose(f); }
      f = fopen("/data/count.new", "w"); if (!f) { perror("open"); return 1; }
      fprintf(f, "%d", n + 1); fflush(f); fsync(fileno(f)); fclose(f);
      return rename("/data/count.new", "/data/count") ? 2 : n;
    }`;
    const options = {
      configuration: {
        mounts: [
          {
            type: "9p",
            source: "volume0",
            directory: "/data",
            options: ["trans=virtio", "version=9p2000.L", "cache=mmap"],
          },
        ],
      },
      request: { volumes: [{ hostPath: volume }] },
    };
    expect((await runProgram(scratch, source, options)).exit).toEqual({ kind: "exit", status: 0 });
    expect((await runProgram(scratch, source, options)).exit).toEqual({ kind: "exit", status: 1 });
    expect(readFileSync(`${volume}/count`, "utf8")).toBe("2");
  });

  test("a disk keeps what the guest writes, and is clean afterwards", async () => {
    const disk = scratch.path("disk.img");
    execFileSync("truncate", ["-s", "16M", disk]);
    execFileSync("mkfs.ext4", ["-q", disk]);
    const source = `int main(void) { FILE *f = fopen("/disk/file", "a"); fputs("x", f); long n = ftell(f); fclose(f); return n; }`;
    const options = {
      configuration: { mounts: [{ type: "ext4", source: "/dev/vda", directory: "/disk", options: [] }] },
      request: { disks: [{ hostPath: disk, format: "raw" as const }] },
    };
    expect((await runProgram(scratch, source, options)).exit).toEqual({ kind: "exit", status: 1 });
    expect((await runProgram(scratch, source, options)).exit).toEqual({ kind: "exit", status: 2 });
    execFileSync("e2fsck", ["-n", "-f", disk]);
  });

  test("a volume that cannot be mounted is fatal", async () => {
    const { exit } = await runProgram(scratch, "int main(void) { return 0; }", {
      configuration: { mounts: [{ type: "ext4", source: "/dev/vda", directory: "/disk", options: [] }] },
    });
    expect(exit).toMatchObject({
      status: 1,
      message: expect.stringContaining('Cannot mount ext4 "/dev/vda" on "/disk"'),
    });
  });
});
