// SPDX-License-Identifier: Apache-2.0
/**
 * UNIX sockets in a directory however long its path is: an address holds 107 bytes, so the
 * directory is opened and the socket reached through /proc/self/fd.
 */

import { once } from "node:events";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import path from "node:path";

/**
 * Connects to a socket.
 *
 * @throws the system's error: ENOENT, ECONNREFUSED when nobody listens
 */
export async function connectSocket(directory: string, name: string): Promise<Socket> {
  await using handle = await openDirectory(directory);
  const socket = createConnection(shortPath(handle, name));
  await once(socket, "connect");
  return socket;
}

export interface SocketListener extends AsyncDisposable {
  /** The first connection; nobody else is let in. Never rejects, and stays pending when nobody comes. */
  readonly connection: Promise<Socket>;
}

/** Listens for one connection. The socket's file goes away with the listener. */
export async function listenOnce(directory: string, name: string): Promise<SocketListener> {
  const handle = await openDirectory(directory);
  const server = createServer();
  server.maxConnections = 1;
  const connection = new Promise<Socket>((resolve) => server.once("connection", resolve));
  server.listen(shortPath(handle, name));
  await once(server, "listening");
  return {
    connection,
    [Symbol.asyncDispose]: async () => {
      await closeServer(server);
      await handle.close();
    },
  };
}

function openDirectory(directory: string): Promise<FileHandle> {
  return open(directory, constants.O_DIRECTORY | constants.O_RDONLY);
}

function shortPath(directory: FileHandle, name: string): string {
  return path.join("/proc/self/fd", String(directory.fd), name);
}

/** Stops listening; connections that were made go on, and are not waited for. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.once("close", resolve);
    server.close();
    // "close" waits for connections: the file is gone already.
    resolve();
  });
}
