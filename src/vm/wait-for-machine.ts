// SPDX-License-Identifier: Apache-2.0
/** Waits for the end of a machine that another process started. */

import type { MachineRecord } from "./machine-registry.js";
import { machineFile } from "./qemu-arguments.js";
import { connectSocket } from "./unix-socket.js";

/** Resolves when QEMU has closed its control socket, which it does at its end; at once when it is gone. */
export async function waitForMachine(machine: MachineRecord): Promise<void> {
  const socket = await connectSocket(machine.directory, machineFile.qmpSocket).catch(() => undefined);
  if (socket === undefined) return;
  socket.on("error", () => {}).resume();
  await new Promise((resolve) => socket.once("close", resolve));
}
