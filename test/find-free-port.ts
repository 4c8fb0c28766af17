// SPDX-License-Identifier: Apache-2.0
import { findFreePorts } from "../src/vm/find-free-ports.js";

/** A TCP port of 127.0.0.1 that nobody has at the moment. */
export async function findFreePort(): Promise<number> {
  const [port] = await findFreePorts(1);
  return port as number;
}
