// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { spawnGroup } from "../host/process-group.js";
import { connectQmp } from "./qmp-client.js";

let directory: string;
let socketPath: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "ukl-qmp-"));
  socketPath = path.join(directory, "qmp.sock");
});
afterEach(() => rmSync(directory, { recursive: true }));

/** QEMU connects to us, so that there is nothing to wait for but its connection. */
async function startQemu() {
  const server = createServer().listen(socketPath);
  await once(server, "listening");
  const args = ["-M", "none", "-display", "none", "-nodefaults", "-qmp", `unix:${socketPath}`];
  const qemu = await spawnGroup({ file: "qemu-system-x86_64", args });
  const [socket] = await once(server, "connection");
  server.close();
  return { qemu, socket };
}

/** Something that listens but is not QEMU. */
async function startImpostor(reply: string): Promise<Server> {
  const server = createServer((socket) => socket.end(reply)).listen(socketPath);
  await once(server, "listening");
  return server;
}

describe("connectQmp", () => {
  test("greets QEMU, executes commands side by side, sees events and the end", async () => {
    const { qemu, socket } = await startQemu();
    await using _qemu = qemu;
    const client = await connectQmp(socket);
    expect(await client.greeting).toMatchObject({ version: { qemu: { major: expect.any(Number) } } });
    const [status, version] = await Promise.all([
      client.execute("query-status"),
      client.execute("query-version"),
    ]);
    expect(status).toMatchObject({ running: true });
    expect(version).toHaveProperty("qemu");
    const shutdown = once(client.events, "event");
    await client.execute("quit");
    expect((await shutdown)[0]).toMatchObject({ event: "SHUTDOWN", data: { reason: "host-qmp-quit" } });
    await client.closed;
    expect((await qemu.exited).exitCode).toBe(0);
  });

  test("a refused command says why and what went before", async () => {
    const { qemu, socket } = await startQemu();
    await using _qemu = qemu;
    const client = await connectQmp(socket);
    await expect(client.execute("no-such-command")).rejects.toThrow(
      /no-such-command has not been found\n.*> /s,
    );
    expect(await client.execute("query-status")).toMatchObject({ running: true });
  });

  test("commands that are pending when QEMU dies are rejected, and later ones at once", async () => {
    const { qemu, socket } = await startQemu();
    const client = await connectQmp(socket);
    qemu.signal("SIGSTOP");
    const pending = client.execute("query-status");
    qemu.signal("SIGKILL");
    await expect(pending).rejects.toThrow('"query-status" failed: the connection has ended');
    await expect(client.execute("query-name")).rejects.toThrow("the connection has ended");
  });

  test.each([["HTTP/1.1 400 Bad Request\r\n\r\n"], [""]])("refuses what is not QEMU: %j", async (reply) => {
    const server = await startImpostor(reply);
    await expect(connectQmp(createConnection(socketPath))).rejects.toThrow('"connect" failed');
    server.close();
  });
});
