// SPDX-License-Identifier: Apache-2.0
/** Applications in TypeScript in ring 0, from the command line as their authors would use it. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createContext } from "../../src/host/context.js";
import { requireTools } from "../../src/host/require-tools.js";
import { runCommand } from "../../src/host/run-command.js";
import { buildKernel } from "../../src/kernel/build-kernel.js";
import { listMachines } from "../../src/vm/machine-registry.js";
import { compileMain } from "../compile-main.js";
import { findFreePort } from "../find-free-port.js";
import { type CommandEnd, finishCommand } from "../finish-command.js";
import { createScratch, type Scratch } from "./boot.js";
import { runUkl, startUkl } from "./ukl-command.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

beforeAll(async () => {
  await requireTools(ctx, ["curl"]);
  compileMain();
  for (const ukl of [true, false]) await buildKernel(ctx, { ukl });
});

let scratch: Scratch;
beforeEach(() => {
  scratch = createScratch();
  mkdirSync(scratch.path(".ukl"));
});
afterEach(async () => {
  expect((await listMachines(scratch.machinesDirectory)).filter(({ running }) => running)).toEqual([]);
  scratch[Symbol.dispose]();
});

const ukl = (...args: readonly string[]): Promise<CommandEnd> => runUkl(scratch.directory, ...args);

function write(name: string, text: string): void {
  mkdirSync(path.dirname(scratch.path(name)), { recursive: true });
  writeFileSync(scratch.path(name), text);
}

async function curl(...args: readonly string[]): Promise<string> {
  return (await runCommand(ctx, "curl", ["-sS", "--max-time", "60", ...args])).stdout;
}

describe("ukl run FILE.ts", () => {
  test("runs in ring 0 with arguments, environment, input, timers and a status", async () => {
    write(
      "main.ts",
      `import { args, env, exit, stdin } from "ukl:process";
      import { readTextFile } from "ukl:fs";
      console.log(args, env["UKL_LEVEL"], readTextFile("/proc/sys/kernel/ostype").trim());
      const [first] = [performance.now()];
      await new Promise<void>((resolve) => setTimeout(resolve, 150));
      const waited = performance.now() - first!;
      console.log(waited >= 149 && waited < 1500);
      for await (const bytes of stdin) console.log(new TextDecoder().decode(bytes));
      console.error("the end");
      exit(Number(args[1]));`,
    );
    const { status, stdout, stderr } = await finishCommand(
      startUkl(scratch.directory, ["run", "main.ts", "--", "one", "7"]),
      "typed",
    );
    expect(stdout, stderr).toBe('["one", "7"] base Linux\ntrue\ntyped\n');
    expect(stderr).toMatch(/^the end$/m);
    expect(status).toBe(7);
  });

  test.each(["linux", "bypass"])("works at the level %s", async (level) => {
    write(
      "main.ts",
      'import { env } from "ukl:process"; setTimeout(() => console.log(env["UKL_LEVEL"]), 1);',
    );
    expect(await ukl("run", "main.ts", "--level", level)).toMatchObject({ status: 0, stdout: `${level}\n` });
  });

  test("ends with status 1 and the line of the source when nobody catches an error", async () => {
    write(
      "main.ts",
      'import { parse } from "./lib/parse.js";\n\nsetTimeout(() => {\n  parse("{");\n}, 1);\n',
    );
    write(
      "lib/parse.ts",
      "interface Wanted {\n  readonly a: number;\n}\n\nexport function parse(text: string): Wanted {\n  return JSON.parse(text) as Wanted;\n}\n",
    );
    const { status, stderr } = await ukl("run", "main.ts");
    expect(stderr).toMatch(
      /^Uncaught SyntaxError: .*\n( +at .*\n)* {4}at parse \(lib\/parse\.ts:6:\d+\)\n {4}at <anonymous> \(main\.ts:4:\d+\)/m,
    );
    expect(status).toBe(1);
  });

  test("says what is wrong with the source before anything is built", async () => {
    write("main.ts", 'import { readFileSync } from "node:fs";\nconst a: = 1;\n');
    const syntax = await ukl("run", "main.ts");
    expect(syntax.stderr).toContain('Cannot compile "main.ts"\nmain.ts:2:10: Unexpected "="\n');
    write("main.ts", 'import { readFileSync } from "node:fs";\nreadFileSync("x");\n');
    const builtin = await ukl("run", "main.ts");
    expect(builtin.stderr).toContain(
      'main.ts:1:30: "node:fs" is a part of Node.js, which is not in the image: use "ukl:fs"',
    );
    expect([syntax.status, builtin.status]).toEqual([1, 1]);
    expect(builtin.stderr).not.toContain("Error: Error");
  });

  test("serves; another program reaches it from inside and outside, and it is told to stop", async () => {
    write(
      "server.ts",
      `import { connect, listen } from "ukl:net";
      import { serve } from "ukl:http";
      import { exit, onSignal } from "ukl:process";
      const echo = listen({ port: 7000 });
      void (async () => {
        for await (const connection of echo)
          void (async () => { for await (const bytes of connection) await connection.write(bytes); connection.close(); })();
      })();
      const server = serve({ port: 8080 }, async ({ body, path }) => {
        if (path === "/slow") await new Promise<void>((resolve) => setTimeout(resolve, 100));
        const connection = await connect({ port: 7000 });
        await connection.write(await body.bytes());
        connection.end();
        const pieces: Uint8Array[] = [];
        for await (const piece of connection) pieces.push(piece);
        return { body: String(pieces.reduce((sum, piece) => sum + piece.length, 0)) };
      });
      onSignal("SIGTERM", () => void server.close().then(() => exit(0)));`,
    );
    const port = await findFreePort();
    const started = await ukl("run", "server.ts", "--detach", "--name", "s1", "--port", `8080:${port}`);
    expect(started.status, started.stderr).toBe(0);
    try {
      writeFileSync(scratch.path("big"), Buffer.alloc(900_000, 1));
      const base = `http://127.0.0.1:${port}`;
      expect(await curl("--data-binary", `@${scratch.path("big")}`, `${base}/`)).toBe("900000");
      const output = await curl(
        "--parallel",
        "--parallel-max",
        "10",
        "--data",
        "four",
        `${base}/slow?n=[1-30]`,
      );
      expect(output).toBe("4".repeat(30));
    } finally {
      const stopped = await ukl("stop", "s1");
      expect(stopped.stdout, stopped.stderr).toMatch(/^s1: /);
      expect(stopped.stdout).not.toContain("SIG");
    }
  });
});

test("ukl build makes one file of it; ukl check finds nothing wrong", async () => {
  write("main.ts", 'console.log("hello");');
  const built = await ukl("build", "main.ts");
  expect(built.status, built.stderr).toBe(0);
  expect(readFileSync(scratch.path("main.bzimage")).length).toBeGreaterThan(2 ** 20);
  expect(await ukl("check", "main.ts")).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^main\.ts: runs at level base/),
  });
});

describe("the example", () => {
  test("passes its own test", async () => {
    const { status, stdout, stderr } = await ukl("test", "tasks");
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: "tasks passed at level base\n" });
  });

  test("keeps its data across runs", async () => {
    const port = await findFreePort();
    const tasks = `http://127.0.0.1:${port}/tasks`;
    const volume = `${scratch.path("data")}:/data`;
    mkdirSync(scratch.path("data"));
    const contents: string[] = [];
    for (const round of [1, 2]) {
      const name = `t${round}`;
      const args = ["--detach", "--name", name, "--port", `8080:${port}`, "--volume", volume];
      const { status, stderr } = await ukl("run", "tasks", ...args);
      expect(status, stderr).toBe(0);
      await curl("--fail", "--json", `{"title":"round ${round}"}`, tasks);
      contents.push(await curl("--fail", tasks));
      await ukl("stop", name);
    }
    expect((JSON.parse(contents[1] ?? "") as { title: string }[]).map(({ title }) => title)).toEqual([
      ...["round 1", "round 2"],
    ]);
    expect(JSON.parse(readFileSync(scratch.path("data/tasks.json"), "utf8"))).toEqual(
      JSON.parse(contents[1] ?? ""),
    );
  });
});

test("a configuration names a file as its program", async () => {
  write(
    "ukl.config.ts",
    `import { defineApp } from "ukl";
    export default defineApp({
      name: "greeter", build: { system: "typescript" }, program: "src/main.ts", args: ["you"], memory: "32M",
      test: async (vm) => { await vm.waitForOutput("hello you"); },
    });`,
  );
  write(
    "src/main.ts",
    'import { args } from "ukl:process";\nconsole.log("hello", args[0]);\nsetTimeout(() => {}, 500);',
  );
  expect(await ukl("run", ".")).toMatchObject({ status: 0, stdout: "hello you\n" });
  const { status, stderr } = await ukl("test", ".");
  expect(status, stderr).toBe(0);
  write("src/main.ts", "throw new Error('no');");
  expect((await ukl("run", ".")).stderr).toMatch(
    /^Uncaught Error: no\n {4}at <anonymous> \(src\/main\.ts:1:\d+\)/m,
  );
});
