// SPDX-License-Identifier: Apache-2.0
/** Finds TCP ports of this host that nobody has at the moment. */

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** So many different ports, at 127.0.0.1. */
export async function findFreePorts(count: number): Promise<number[]> {
  // All open at the same time, or the system gives the same port again.
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
