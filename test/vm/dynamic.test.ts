// SPDX-License-Identifier: Apache-2.0
/** The system's own programs in ring 0: dynamic, unmodified, with what they find around them. */

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createContext } from "../../src/host/context.js";
import { requireTools } from "../../src/host/require-tools.js";
import { buildKernel } from "../../src/kernel/build-kernel.js";
import { compileMain } from "../compile-main.js";
import { findFreePort } from "../find-free-port.js";
import type { CommandEnd } from "../finish-command.js";
import { createScratch, type Scratch } from "./boot.js";
import { runUkl } from "./ukl-command.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

beforeAll(async () => {
  await requireTools(ctx, ["python3", "sqlite3", "nginx", "curl"]);
  compileMain();
  for (const ukl of [true, false]) await buildKernel(ctx, { ukl });
});

let scratch: Scratch;
beforeEach(() => {
  scratch = createScratch();
  writeFileSync(scratch.path("ukl.config.ts"), "");
});
afterEach(() => scratch[Symbol.dispose]());

const ukl = (...args: readonly string[]): Promise<CommandEnd> => runUkl(scratch.directory, ...args);

/** A library that the loader puts into every program, where it says at which CPL it is. */
const witness = `
  #include <stdio.h>
  __attribute__((constructor)) static void say(void) {
    unsigned short selector;
    __asm__("mov %%cs, %0" : "=r"(selector));
    dprintf(2, "CPL %d\\n", selector & 3);
  }`;

/** The flags that put it into the image. */
function includeWitness(): string[] {
  writeFileSync(scratch.path("witness.c"), witness);
  writeFileSync(scratch.path("preload"), "/opt/witness.so\n");
  execFileSync("gcc", ["-shared", "-fPIC", "-o", "witness.so", "witness.c"], { cwd: scratch.directory });
  return ["--include", "witness.so:/opt/witness.so", "--include", "preload:/etc/ld.so.preload"];
}

describe("python3", () => {
  test("computes in ring 0", async () => {
    const { status, stdout, stderr } = await ukl(
      "run",
      "/usr/bin/python3",
      ...includeWitness(),
      "--",
      "-c",
      "print(6*7)",
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: "42\n" });
    expect(stderr).toMatch(/^CPL 0$/m);
  });

  test("is an ordinary process at the level linux", async () => {
    const args = ["run", "/usr/bin/python3", "--level", "linux", ...includeWitness()];
    const { stdout, stderr } = await ukl(...args, "--", "-c", "print(6*7)");
    expect(stdout).toBe("42\n");
    expect(stderr).toMatch(/^CPL 3$/m);
  });

  test("runs a script with its modules, libraries and a shell, and ends with its status", async () => {
    const script = `#!/usr/bin/env python3
import ctypes, json, mmap, sqlite3, subprocess, sys, threading
code = mmap.mmap(-1, 4096, prot=7)
code.write(b"\\x8c\\xc8\\xc3")  # mov %cs, %eax; ret
selector = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
results = []
thread = threading.Thread(target=lambda: results.append(selector() & 3))
thread.start()
thread.join()
query = sqlite3.connect(":memory:").execute("select upper('ring')").fetchone()[0]
shell = subprocess.run("echo shell $((6 * 7))", shell=True, capture_output=True, text=True).stdout.strip()
print(json.dumps([results, query, shell, sys.argv[1:]]))
sys.exit(3)
`;
    writeFileSync(scratch.path("script"), script);
    const { status, stdout, stderr } = await ukl("run", "./script", "--", "one", "two");
    expect(status, stderr).toBe(3);
    expect(JSON.parse(stdout)).toEqual([[0], "RING", "shell 42", ["one", "two"]]);
  });
});

test("sqlite3 answers a query in ring 0", async () => {
  const query = "create table t(x); insert into t values (6), (7); select exp(sum(ln(x))) from t;";
  const { status, stdout, stderr } = await ukl(
    "run",
    "/usr/bin/sqlite3",
    ...includeWitness(),
    "--",
    ":memory:",
    query,
  );
  expect(status, stderr).toBe(0);
  expect(Number(stdout)).toBeCloseTo(42);
  expect(stderr).toMatch(/^CPL 0$/m);
});

test("nginx serves a page in ring 0, to its own configuration", async () => {
  const port = await findFreePort();
  writeFileSync(scratch.path("index.html"), "from ring 0\n");
  const page = ["--include", "index.html:/var/www/html/index.html"];
  const args = ["run", "--detach", "--name", "n1", "--port", `80:${port}`, ...page, ...includeWitness()];
  const { status, stderr } = await ukl(...args, "/usr/sbin/nginx", "--", "-g", "daemon off;");
  try {
    expect(status, stderr).toBe(0);
    const body = execFileSync("curl", ["-sS", "-m", "60", `http://127.0.0.1:${port}/`], { encoding: "utf8" });
    expect(body).toBe("from ring 0\n");
    expect((await ukl("logs", "n1")).stdout).toMatch(/^CPL 0\r?$/m);
  } finally {
    await ukl("stop", "n1");
  }
});

test("a library that is missing is named before anything is built", async () => {
  writeFileSync(scratch.path("part.c"), "int part(void) { return 0; }\n");
  writeFileSync(scratch.path("main.c"), "int part(void);\nint main(void) { return part(); }\n");
  const cc = (...args: string[]): void => void execFileSync("gcc", args, { cwd: scratch.directory });
  cc("-shared", "-fPIC", "-o", "libpart.so", "part.c");
  cc("-o", "main", "main.c", "-L.", "-lpart");
  const { status, stderr } = await ukl("run", "./main");
  expect(status).toBe(2);
  expect(stderr).toContain("not on this machine: libpart.so");
  cc("-o", "main", "main.c", "-L.", "-lpart", "-Wl,-rpath,$ORIGIN");
  expect((await ukl("run", "./main")).status).toBe(0);
});

test("a program of its own goes into the one file that ships, too", async () => {
  const { status, stderr } = await ukl(
    "build",
    "/usr/bin/sqlite3",
    "-o",
    "sqlite3.bzimage",
    "--",
    ":memory:",
    "select 6*7",
  );
  expect(status, stderr).toBe(0);
  const args = [
    "-kernel",
    "sqlite3.bzimage",
    "-append",
    "console=ttyS0 nokaslr pti=off panic=-1 no_timer_check",
  ];
  const machine = ["-M", "pc", "-cpu", "max", "-m", "256M", "-nographic", "-no-reboot"];
  const output = execFileSync("qemu-system-x86_64", [...args, ...machine], {
    cwd: scratch.directory,
    encoding: "utf8",
    timeout: 120_000,
  });
  expect(output).toMatch(/^42\r?$/m);
});
