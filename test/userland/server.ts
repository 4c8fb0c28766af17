// SPDX-License-Identifier: Apache-2.0
/** Servers under test: started, waited for by what they print, and ended with the test. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { type ProcessGroup, spawnGroup } from "../../src/host/process-group.js";

/**
 * Starts a server and resolves when it prints a line that matches.
 *
 * @throws with what it printed, when it ends before
 */
export async function startServer(
  program: string,
  args: readonly string[],
  ready: RegExp,
): Promise<ProcessGroup> {
  const group = await spawnGroup({ file: program, args, stdout: "pipe", stderr: "pipe" });
  if (group.stdout === null || group.stderr === null) throw new Error("no pipes");
  const output: string[] = [];
  const { stdout } = group;
  group.stderr.on("data", (text) => output.push(String(text)));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: stdout }).on("line", (line) => {
      output.push(`${line}\n`);
      if (ready.test(line)) resolve();
    });
    void group.exited.then(({ exitCode }) =>
      reject(new Error(`"${program}" ended with status ${exitCode}:\n${output.join("")}`)),
    );
  });
  return group;
}

export async function openConnection(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** Reads exactly so many bytes. */
export async function readBytes(socket: Socket, sizeBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let received = 0;
  while (received < sizeBytes) {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) {
      await once(socket, "readable");
      continue;
    }
    chunks.push(chunk);
    received += chunk.length;
  }
  return Buffer.concat(chunks);
}
