// SPDX-License-Identifier: Apache-2.0
/** Applications in TypeScript, in ring 3: the language, the modules, and what becomes of errors. */

import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, get, request as httpRequest } from "node:http";
import path from "node:path";
import type { Readable } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { type BuiltApp, buildApp } from "../../src/app/build-app.js";
import { parseAppConfig } from "../../src/config/parse-app-config.js";
import type { CommandResult } from "../../src/host/run-command.js";
import { findRawSystemCalls } from "../../src/toolchain/raw-system-calls.js";
import { findFreePort } from "../find-free-port.js";
import { ctx, run, useDirectory } from "./fixture.js";
import { openConnection, readBytes, startServer } from "./server.js";

/** Builds main.ts of these files. */
async function build(files: Readonly<Record<string, string>>): Promise<BuiltApp> {
  const directory = useDirectory();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  }
  const config = { name: "ts-test", build: { system: "typescript" }, program: "main.ts" };
  return buildApp(ctx, parseAppConfig(config, path.join(directory, "ukl.config.ts")));
}

async function runSource(
  source: string,
  { args = [], input = "" }: { readonly args?: readonly string[]; readonly input?: string } = {},
): Promise<CommandResult> {
  return run((await build({ "main.ts": source })).program, args, input);
}

/** Starts a server that gets its port as its argument, and says "ready". */
async function serve(source: string) {
  const { program } = await build({ "main.ts": source });
  const port = await findFreePort();
  return { port, server: await startServer(program, [String(port)], /^ready/) };
}

/** What a stream says from now on; somebody else listens, too. */
function collect(stream: Readable | null): readonly string[] {
  const texts: string[] = [];
  stream?.on("data", (bytes) => texts.push(String(bytes)));
  return texts;
}

describe("a program", () => {
  test("is linked with our toolchain: all its system calls are calls", async () => {
    const { symbols, kind } = await build({ "main.ts": "console.log(1);" });
    expect(kind).toBe("linked-base");
    expect(new Set(await findRawSystemCalls(ctx, [symbols]))).toEqual(
      new Set(["ukl_syscall_by_instruction"]),
    );
  });

  test("is the same, byte for byte, when it is built again", async () => {
    const files = { "main.ts": 'import { serve } from "ukl:http"; serve({ port: 1 }, () => ({}));' };
    const first = await build(files);
    const bytes = await readFile(first.symbols);
    await rm(path.dirname(first.symbols), { recursive: true });
    expect((await readFile((await build(files)).symbols)).equals(bytes)).toBe(true);
  });

  test("has arguments, an environment, a status, and a console that shows what it is given", async () => {
    const { stdout, stderr, exitCode } = await runSource(
      `import { args, env, exit } from "ukl:process";
      class Point { x = 1; self = this; }
      console.log(args, typeof env["PATH"], "text", -0, 1n, null, undefined);
      console.log({ a: [1, "x"], "b c": new Map([["k", new Set([true])]]) }, new Point(), new Uint8Array(2), new Date(0));
      console.error("to the other one");
      exit(7);`,
      { args: ["one", "två"] },
    );
    expect(stdout).toBe(
      '["one", "två"] string text -0 1n null undefined\n' +
        '{ a: [1, "x"], "b c": Map(1) { "k" => Set(1) { true } } } Point { x: 1, self: [circular] } ' +
        "Uint8Array(2) [0, 0] 1970-01-01T00:00:00.000Z\n",
    );
    expect(stderr).toBe("to the other one\n");
    expect(exitCode).toBe(7);
  });

  test("reads its standard input to the end", async () => {
    const { stdout } = await runSource(
      `import { stdin } from "ukl:process";
      let text = "";
      for await (const bytes of stdin) text += new TextDecoder().decode(bytes);
      console.log(text.toUpperCase());`,
      { input: "some text" },
    );
    expect(stdout).toBe("SOME TEXT\n");
  });

  test("ends when nothing is left that could happen, and says so when it waits for that", async () => {
    expect(await runSource("setTimeout(() => {}, 20);")).toMatchObject({ exitCode: 0, stderr: "" });
    const { exitCode, stderr } = await runSource("await new Promise(() => {});");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("waits at its top level for what can never happen");
  });

  test("uses what is newer than QuickJS, translated", async () => {
    const { stdout, exitCode, stderr } = await runSource(`
      class Resource { constructor(readonly name: string) {} [Symbol.dispose]() { console.log("disposed", this.name); } }
      { using a = new Resource("a"); using b = new Resource("b"); console.log(a.name, b.name); }
      await (async () => { await using c = { [Symbol.asyncDispose]: async () => console.log("disposed c") }; })();`);
    expect(stdout, stderr).toBe("a b\ndisposed b\ndisposed a\ndisposed c\n");
    expect(exitCode).toBe(0);
  });
});

describe("timers", () => {
  test("run in the order in which they are due, however late; repeat, and can be stopped", async () => {
    const { stdout } = await runSource(`
      const said: string[] = [];
      const say = (...words: readonly unknown[]) => void said.push(words.join(""));
      setTimeout(say, 30, "late", 1);
      setTimeout(say, 20, "second");
      clearTimeout(setTimeout(say, 15, "never"));
      setTimeout(() => void Promise.resolve("kept").then(say), 10);
      queueMicrotask(() => say("at once"));
      for (const start = performance.now(); performance.now() - start < 50; );
      let left = 3;
      const interval = setInterval(() => {
        say("again");
        if (--left > 0) return;
        clearInterval(interval);
        setTimeout(() => console.log(said.join(" ")), 20);
      }, 5);`);
    expect(stdout).toBe("at once kept second late1 again again again\n");
  });

  test("waiting takes no processor time, whatever is open", async () => {
    const { stdout } = await runSource(`
      import { readTextFile } from "ukl:fs";
      import { listen, connect } from "ukl:net";
      const ticks = () => readTextFile("/proc/self/stat").split(" ").slice(13, 15).reduce((sum, n) => sum + Number(n), 0);
      const switches = () => Number(/^voluntary_ctxt_switches:\\s+(\\d+)/m.exec(readTextFile("/proc/self/status"))![1]);
      const listener = listen({ port: 0, host: "127.0.0.1" });
      const waiting = listener.accept();
      const client = await connect({ port: listener.address.port });
      const server = (await waiting)!;
      void server.read(); void client.read();
      const before = [ticks(), switches()];
      await new Promise<void>((resolve) => setTimeout(resolve, 500));
      console.log(ticks() - before[0]!, switches() - before[1]!);
      client.close(); server.close(); listener.close();`);
    const [ticks = 99, switches = 99] = stdout.trim().split(" ").map(Number);
    expect(ticks).toBeLessThanOrEqual(2);
    expect(switches).toBeLessThanOrEqual(5);
  });
});

describe("what nobody catches", () => {
  const boom = `

    export function boom(depth: number): never {
      if (depth === 0) throw new RangeError("boom", { cause: new Error("inner") });
      boom(depth - 1);
      throw 0;
    }`;

  test.each([
    ["while the program starts", "boom(1);", "main.ts:2:1"],
    ["in a timer", "setTimeout(() => boom(1), 5);", "main.ts:2:18"],
    ["in a promise that nobody handles", "void (async () => boom(1))();", "main.ts:2:19"],
  ])("ends it with status 1 and a stack in terms of the source: %s", async (_where, call, place) => {
    const { program } = await build({
      "main.ts": `import { boom } from "./lib/boom.js";\n${call}\nsetInterval(() => {}, 1000);`,
      "lib/boom.ts": boom,
    });
    const { exitCode, stderr } = await run(program);
    expect(exitCode).toBe(1);
    const lines = stderr.split("\n");
    expect(lines.slice(0, 2)).toEqual([
      "Uncaught RangeError: boom",
      expect.stringMatching(/^ {4}at boom \(lib\/boom\.ts:4:\d+\)$/),
    ]);
    expect(stderr).toMatch(/at boom \(lib\/boom\.ts:5:\d+\)/);
    expect(stderr).toContain(place);
    expect(stderr).toContain("Caused by Error: inner");
    expect(stderr).not.toContain("program.js");
  });

  test("is not a rejection that is handled before anything else happens", async () => {
    const { exitCode, stdout, stderr } = await runSource(`
      const failing = async () => { throw new Error("handled"); };
      const promise = failing();
      await null;
      promise.catch((error) => console.log(error.message));`);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: "handled\n", stderr: "" });
  });

  test("may be anything, and console.error shows what is caught the same way", async () => {
    expect(await runSource("throw { code: 3 };")).toMatchObject({
      exitCode: 1,
      stderr: "Uncaught { code: 3 }\n",
    });
    const { stderr } = await runSource(
      'try {\n  null!.x;\n} catch (error) {\n  console.error("so:", error);\n}',
    );
    expect(stderr).toMatch(/^so: TypeError: .*\n {4}at .*\(main\.ts:2:\d+\)/);
  });

  test("does not compile what QuickJS does not know, and says where", async () => {
    await expect(build({ "main.ts": "const a = 1;\nconsole.log(/(/);\n" })).rejects.toThrow(
      /Cannot compile "main\.ts"\nmain\.ts:2:\d+: /,
    );
  });
});

describe("ukl:fs", () => {
  test("does with files what it says, and fails with the name of the errno", async () => {
    const directory = useDirectory();
    const { stdout, stderr } = await runSource(
      `import * as fs from "ukl:fs";
      import { args } from "ukl:process";
      const at = (name: string) => args[0] + "/" + name;
      fs.makeDirectory(at("a/b/c")); fs.makeDirectory(at("a/b/c"));
      fs.writeFile(at("a/file"), "ä"); fs.writeFile(at("a/file"), new Uint8Array([33]), { append: true, sync: true });
      console.log(fs.readTextFile(at("a/file")), fs.readFile(at("a/file")), fs.readDirectory(at("a")));
      fs.replaceFile(at("a/file"), "x".repeat(100_000));
      console.log(fs.findStatus(at("a/file"))!.sizeBytes, fs.findStatus(at("a"))!.kind, fs.findStatus(at("no")), fs.readDirectory(at("a")));
      console.log(fs.readTextFile("/proc/self/comm").length > 0, fs.readFile(at("a/file")).length);
      fs.rename(at("a/file"), at("moved")); fs.remove(at("a/b/c"));
      console.log(fs.readDirectory(at(".")));
      const fail = (what: () => unknown) => { try { what(); console.log("no failure"); } catch (error) {
        console.log(error instanceof fs.SystemError && error.code, (error as Error).message); } };
      fail(() => fs.readFile("/no")); fail(() => fs.readFile("/")); fail(() => fs.remove(at("a"))); fail(() => fs.makeDirectory("/proc/x"));
      fail(() => fs.readDirectory("/no"));`,
      { args: [directory] },
    );
    expect(stdout.split("\n"), stderr).toEqual([
      'ä! Uint8Array(3) [195, 164, 33] ["b", "file"]',
      '100000 directory undefined ["b", "file"]',
      "true 100000",
      '["a", "moved"]',
      "ENOENT read /no: ENOENT (No such file or directory)",
      "EISDIR read /: EISDIR (Is a directory)",
      expect.stringMatching(/^ENOTEMPTY remove /),
      expect.stringMatching(/^ENOENT make directory \/proc\/x/),
      "ENOENT read /no: ENOENT (No such file or directory)",
      "",
    ]);
  });
});

describe("ukl:net", () => {
  const echo = `
    import { listen } from "ukl:net";
    import { args } from "ukl:process";
    const listener = listen({ port: Number(args[0]), host: "127.0.0.1" });
    console.log("ready");
    for await (const connection of listener)
      void (async () => {
        await using _connection = connection;
        for await (const bytes of connection) await connection.write(bytes);
      })().catch((error) => console.error(error.code));`;

  test("serves many at once; one that does not read holds up nobody else", async () => {
    const { port, server } = await serve(echo);
    await using _server = server;
    const deaf = await openConnection(port);
    deaf.write(Buffer.alloc(16 << 20, 1));
    const clients = await Promise.all(Array.from({ length: 50 }, () => openConnection(port)));
    await Promise.all(
      clients.map(async (client, index) => {
        const sent = Buffer.alloc(1 + index * 4000, index);
        client.end(sent);
        expect((await readBytes(client, sent.length)).equals(sent)).toBe(true);
      }),
    );
    // And it gets everything when it does read.
    expect((await readBytes(deaf, 16 << 20)).every((byte) => byte === 1)).toBe(true);
    deaf.destroy();
  });

  test("write waits for whoever does not read, and goes on when they do", async () => {
    const { port, server } = await serve(`
      import { listen } from "ukl:net";
      import { args } from "ukl:process";
      const listener = listen({ port: Number(args[0]) });
      console.log("ready");
      const connection = (await listener.accept())!;
      let done = false;
      const all = connection.write(new Uint8Array(64 << 20)).then(() => { done = true; });
      setTimeout(() => console.log("done:", done), 300);
      await all;
      console.log("done:", done);
      connection.close(); listener.close();`);
    await using _server = server;
    const output = collect(server.stdout);
    const client = await openConnection(port);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await readBytes(client, 64 << 20)).length).toBe(64 << 20);
    client.destroy();
    expect((await server.exited).exitCode).toBe(0);
    await expect.poll(() => output.join("")).toBe("done: false\ndone: true\n");
  });

  test("fails with the names of errnos", async () => {
    const { stdout, stderr } = await runSource(`
      import { connect, listen, SystemError } from "ukl:net";
      const tell = (error: unknown) => console.log(error instanceof SystemError ? error.code + " " + error.action : String(error));
      const listener = listen({ port: 0, host: "127.0.0.1" });
      const { port } = listener.address;
      try { listen({ port, host: "127.0.0.1" }); } catch (error) { tell(error); }
      const accepted = listener.accept();
      const client = await connect({ host: "localhost", port });
      const server = (await accepted)!;
      console.log(server.remote.port === client.local.port, client.remote.host);
      // Closed with something unread: the other side is told so.
      await client.write("unread");
      await new Promise<void>((resolve) => setTimeout(resolve, 20));
      const reading = client.read();
      server.close();
      await reading.catch(tell);
      const late = client.read(); client.close(); client.close();
      await late.catch(tell);
      await client.write("x").catch(tell);
      const next = listener.accept(); listener.close(); console.log(await next);
      await connect({ port }).catch(tell);
      await connect({ host: "no.such.host.invalid", port }).catch((error) => console.log(error.message.split(":")[0]));`);
    expect(stdout.split("\n"), stderr).toEqual([
      "EADDRINUSE listen",
      "true 127.0.0.1",
      "ECONNRESET read",
      expect.stringMatching(/^(undefined|EBADF read)$/),
      "EBADF write",
      "undefined",
      "ECONNREFUSED connect",
      'Cannot find the host "no.such.host.invalid"',
      "",
    ]);
  });
});

describe("ukl:http", () => {
  const server = `
    import { HttpError, json, serve } from "ukl:http";
    import { args, onSignal } from "ukl:process";
    const server = serve({ port: Number(args[0]), host: "127.0.0.1", maxBodyBytes: 100_000 }, async ({ method, path, query, headers, body }) => {
      if (path === "/echo") return { headers: { "Content-Type": "x/y" }, body: await body.bytes() };
      if (path === "/json") return json({ got: await body.json(), method, query: [...query], agent: headers.get("user-agent") });
      if (path === "/unread") return { body: "not read" };
      if (path === "/count") return { body: (async function* () { for (let i = 0; i < 3; i++) { yield String(i); yield ""; } })() };
      if (path === "/none") return { status: 204 };
      if (path === "/teapot") throw new HttpError(418, "short and stout");
      if (path === "/broken") return { body: (async function* () { yield "begun"; throw new TypeError("half way"); })() };
      if (path === "/split") return { headers: { "x-a": "b\\r\\nc: d" } };
      if (path === "/slow") await new Promise<void>((resolve) => setTimeout(resolve, 300));
      if (path === "/fail") throw new TypeError("a mistake");
      return { body: method + " " + path };
    });
    onSignal("SIGTERM", () => void server.close().then(() => console.log("closed")));
    console.log("ready");`;

  /** What comes back for these bytes, to the end; "date" is left out. */
  async function raw(port: number, bytes: string): Promise<string> {
    const socket = await openConnection(port);
    socket.write(bytes);
    return (await textOf(socket)).replaceAll(/^date: .*\r\n/gm, "");
  }

  test("answers a real client, one request after the other on one connection", async () => {
    const { port, server: process } = await serve(server);
    await using _process = process;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    for (let round = 0; round < 5; round++) {
      const request = httpRequest({
        port,
        agent,
        path: `/json?a=1&a=2&b=%C3%A4+b&round=${round}`,
        method: "PUT",
      });
      request.end(JSON.stringify({ round }));
      const [response] = await once(request, "response");
      sockets.add(request.socket);
      const answer = JSON.parse(await textOf(response));
      expect(answer).toMatchObject({ got: { round }, method: "PUT" });
      expect(answer.query.slice(0, 2)).toEqual([
        ["a", "1"],
        ["b", "ä b"],
      ]);
    }
    expect(sockets.size).toBe(1);
    // In chunks, both ways.
    const request = httpRequest({ port, agent, path: "/echo", method: "POST" });
    for (let piece = 0; piece < 10; piece++) request.write(String(piece).repeat(5000));
    request.end();
    const [echoed] = await once(request, "response");
    expect(echoed.headers["content-type"]).toBe("x/y");
    expect((await textOf(echoed)).length).toBe(50_000);
    const [counted] = await once(get({ port, agent, path: "/count" }), "response");
    expect([counted.headers["transfer-encoding"], await textOf(counted)]).toEqual(["chunked", "012"]);
    agent.destroy();
  });

  test("keeps to the protocol", async () => {
    const { port, server: process } = await serve(server);
    await using _process = process;
    const host = "Host: x\r\n";
    const close = "Connection: close\r\n";
    // Two at once, then one that closes.
    expect(
      await raw(port, `GET /a HTTP/1.1\r\n${host}\r\nHEAD /b HTTP/1.1\r\n${host}\r\nGET /c HTTP/1.0\r\n\r\n`),
    ).toBe(
      "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 6\r\n\r\nGET /a" +
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 7\r\n\r\n" +
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 6\r\nconnection: close\r\n\r\nGET /c",
    );
    expect(await raw(port, `GET /none HTTP/1.1\r\n${host}${close}\r\n`)).toBe(
      "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n",
    );
    const chunks = "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n";
    expect(
      await raw(port, `POST /echo HTTP/1.1\r\n${host}${close}Transfer-Encoding: chunked\r\n\r\n${chunks}`),
    ).toMatch(/\r\n\r\nabcde$/);
    expect(
      await raw(
        port,
        `POST /echo HTTP/1.1\r\n${host}${close}Expect: 100-continue\r\nContent-Length: 2\r\n\r\nok`,
      ),
    ).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n.*ok$/s);
    for (const [status, head] of [
      [400, "nonsense\r\n\r\n"],
      [400, "GET / HTTP/1.1\r\n\r\n"],
      [400, `GET / HTTP/1.1\r\n${host}${host}\r\n`],
      [400, `GET / HTTP/1.1\r\n${host} folded: x\r\n\r\n`],
      [400, `GET /%zz HTTP/1.1\r\n${host}\r\n`],
      [400, `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`],
      [400, `POST / HTTP/1.1\r\n${host}Content-Length: 1, 2\r\n\r\n`],
      [400, `POST /echo HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`],
      [400, `POST /json HTTP/1.1\r\n${host}${close}Content-Length: 1\r\n\r\n{`],
      [413, `POST /echo HTTP/1.1\r\n${host}Content-Length: 100001\r\n\r\n${"x".repeat(100_001)}`],
      [413, `POST /echo HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nfffff\r\n`],
      [417, `POST / HTTP/1.1\r\n${host}Expect: a miracle\r\n\r\n`],
      [418, `GET /teapot HTTP/1.1\r\n${host}${close}\r\n`],
      [431, `GET / HTTP/1.1\r\n${host}A: ${"x".repeat(20_000)}\r\n\r\n`],
      [501, `POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip\r\n\r\n`],
      [505, "GET / HTTP/2.0\r\n\r\n"],
    ] as const)
      expect([head.slice(0, 60), Number((await raw(port, head)).slice(9, 12))]).toEqual([
        head.slice(0, 60),
        status,
      ]);
    // The answer gets there although much of what was sent was never read.
    const unread = `POST /unread HTTP/1.1\r\n${host}Content-Length: 90000\r\n\r\n${"x".repeat(90_000)}`;
    expect(await raw(port, unread)).toMatch(/connection: close\r\n\r\nnot read$/);
  });

  test("answers a handler's mistake with 500, says where it is, and goes on", async () => {
    const { port, server: process } = await serve(server);
    await using _process = process;
    const errors = collect(process.stderr);
    const request = "Host: x\r\nConnection: close\r\n\r\n";
    expect(await raw(port, `GET /fail HTTP/1.1\r\n${request}`)).toMatch(
      /^HTTP\/1\.1 500 .*\nInternal Server Error\n$/s,
    );
    expect(await raw(port, `GET /split HTTP/1.1\r\n${request}`)).toMatch(/^HTTP\/1\.1 500 /);
    // What has been begun cannot become an error: it is cut short, and the client sees that.
    expect(await raw(port, `GET /broken HTTP/1.1\r\n${request}`)).toMatch(/\r\n5\r\nbegun\r\n$/);
    expect(await raw(port, `GET /ok HTTP/1.1\r\n${request}`)).toMatch(/GET \/ok$/);
    await process.stop();
    expect(errors.join("")).toMatch(/^GET \/fail: TypeError: a mistake\n {4}at .*\(main\.ts:14:\d+\)/);
    expect(errors.join("")).toMatch(/^GET \/broken: TypeError: half way\n {4}at .*\(main\.ts:11:\d+\)/m);
  });

  test("answers what has been asked before it closes", async () => {
    const { port, server: process } = await serve(server);
    await using _process = process;
    const idle = await openConnection(port);
    const slow = raw(port, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise((resolve) => setTimeout(resolve, 100));
    process.signal("SIGTERM");
    expect(await slow).toMatch(/connection: close\r\n\r\nGET \/slow$/);
    expect(await textOf(idle)).toBe("");
    await expect(openConnection(port)).rejects.toThrow("ECONNREFUSED");
  });
});
