// SPDX-License-Identifier: Apache-2.0
/** Directories with a configuration, used as their owners would: run, edited, tested. */

import { once } from "node:events";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { packagePath } from "../../src/host/package-path.js";
import { listMachines } from "../../src/vm/machine-registry.js";
import { findFreePort } from "../find-free-port.js";
import { type CommandEnd, finishCommand } from "../finish-command.js";
import { createScratch, readUntil, type Scratch } from "./boot.js";
import { buildForCommand } from "./build-for-command.js";
import { runUkl, startUkl } from "./ukl-command.js";

beforeAll(buildForCommand);

let scratch: Scratch;
beforeEach(() => {
  scratch = createScratch();
  cpSync(packagePath("test", "vm", "kv"), scratch.directory, { recursive: true });
  // None of its builds is in the cache from an earlier run.
  writeFileSync(scratch.path("unique.txt"), scratch.directory);
});
afterEach(async () => {
  expect((await listMachines(scratch.machinesDirectory)).filter(({ running }) => running)).toEqual([]);
  scratch[Symbol.dispose]();
});

const ukl = (...args: readonly string[]): Promise<CommandEnd> => runUkl(scratch.directory, ...args);

/** Replaces a part of one of the example's files. */
function edit(name: string, before: string, after: string): void {
  const text = readFileSync(scratch.path(name), "utf8");
  expect(text).toContain(before);
  writeFileSync(scratch.path(name), text.replace(before, after));
}

/** Runs the server in the background, and says something to it. */
async function say(lines: string): Promise<{ answer: string; stderr: string }> {
  const port = await findFreePort();
  const { status, stderr } = await ukl("run", ".", "--detach", "--name", "kv1", "--port", `7000:${port}`);
  expect(status, stderr).toBe(0);
  try {
    return { answer: await text(connect(port, "127.0.0.1").end(lines)), stderr };
  } finally {
    await ukl("stop", "kv1");
  }
}

describe("ukl run .", () => {
  test("builds, boots and serves; after an edit it does so again", async () => {
    const first = await say("set a 1\nget a\n");
    expect(first.answer).toBe("hello from kv\nok\n1\n");
    expect(first.stderr).toContain("Building kv");
    edit("kv-server.c", '"nothing"', '"no such key"');
    expect((await say("get a\n")).answer).toBe("hello from kv\nno such key\n");
    expect((await say("get b\n")).stderr).not.toContain("Building");
  });

  test("works without a configuration, too, and says what it takes it for", async () => {
    rmSync(scratch.path("ukl.config.ts"));
    // An argument that it refuses, so that it ends.
    const { status, stderr } = await ukl("run", ".", "--", "7000", "/nothing");
    expect(stderr).toContain('"." has no ukl.config.ts: taking the Makefile');
    expect(stderr).toContain("kv-server: cannot read /nothing");
    expect(status).toBe(1);
  });

  test("keeps what is written to a volume of the configuration", async () => {
    writeFileSync(
      scratch.path("ukl.config.ts"),
      `export default {
        name: "writer", build: { system: "c", files: ["writer.c"] }, volumes: ["./state:/state"], cwd: "/state",
      };`,
    );
    writeFileSync(
      scratch.path("writer.c"),
      '#include <stdio.h>\nint main(void) { FILE *f = fopen("kept", "a"); return !f || fputs("x", f) < 0 || fclose(f); }\n',
    );
    for (const content of ["x", "xx"]) {
      const { status, stderr } = await ukl("run", ".");
      expect(status, stderr).toBe(0);
      expect(readFileSync(scratch.path("state/kept"), "utf8")).toBe(content);
    }
  });
});

describe("ukl test", () => {
  test("passes", async () => {
    const { status, stdout, stderr } = await ukl("test");
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: "kv passed at level base\n" });
  });

  test("fails with the test's error, its line, and what the application wrote last", async () => {
    edit("kv-server.c", '"nothing"', '"no such key"');
    edit(
      "kv-server.c",
      "fputs(greeting, out);",
      'fputs("here is a client\\n", stderr), fputs(greeting, out);',
    );
    const { status, stdout, stderr } = await ukl("test", ".");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    const line = readFileSync(scratch.path("ukl.config.ts"), "utf8").split("throw")[0]?.split("\n").length;
    expect(stderr).toContain(
      `Cannot pass the test of "kv" at ${scratch.path("ukl.config.ts")}:${line}: it answered`,
    );
    expect(stderr).toContain("It wrote last:\n  kv-server: listening on port 7000\n  here is a client\n");
  });

  test("fails when the application ends before it listens", async () => {
    edit("ukl.config.ts", "/etc/kv/greeting", "/etc/kv/nothing");
    const { status, stderr } = await ukl("test", ".");
    expect(status).toBe(1);
    expect(stderr).toContain("it ended before it listened on 7000");
    expect(stderr).toContain("kv-server: cannot read /etc/kv/nothing: No such file or directory");
  });

  test("fails with what fails behind its back", async () => {
    edit("ukl.config.ts", "await vm", 'connect(1, "127.0.0.1"); await new Promise(() => {}); await vm');
    const { status, stderr } = await ukl("test", ".");
    expect(status).toBe(1);
    expect(stderr).toContain('Cannot pass the test of "kv": connect ECONNREFUSED 127.0.0.1:1');
  });

  test("fails when it takes too long", async () => {
    edit("ukl.config.ts", 'await vm.waitForOutput("listening on port 7000")', "await new Promise(() => {})");
    const { status, stderr } = await ukl("test", ".", "--timeout", "15");
    expect(status).toBe(1);
    expect(stderr).toContain("it still ran after 15 s");
  });

  test("ends with Ctrl-C", async () => {
    edit(
      "ukl.config.ts",
      "await vm",
      'process.stdout.write("testing\\n"); await new Promise(() => {}); await vm',
    );
    const child = startUkl(scratch.directory, ["test", "."]);
    await readUntil(child.stdout ?? undefined, "testing\n");
    const ended = once(child, "exit");
    child.kill("SIGINT");
    await finishCommand(child);
    expect(await ended).toEqual([130, null]);
  });

  test("says so when there is no test", async () => {
    writeFileSync(
      scratch.path("ukl.config.ts"),
      'export default { name: "kv", build: { system: "make" }, program: "kv-server" };',
    );
    const { status, stderr } = await ukl("test", ".");
    expect(status).toBe(2);
    expect(stderr).toContain("its configuration has no test");
  });

  test.each(["hello", "echo"])("passes for the recipe %s", async (recipe) => {
    const { status, stderr } = await ukl("test", recipe);
    expect(status, stderr).toBe(0);
  });
});
