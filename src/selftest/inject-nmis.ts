// SPDX-License-Identifier: Apache-2.0
/** A storm of non-maskable interrupts: they come at any instruction, in the entry code too. */

import type { Machine } from "../vm/machine.js";
import { QmpError } from "../vm/qmp-client.js";

/**
 * Sends them back to back, from the start of the application until the machine ends.
 *
 * @returns how many every CPU was sent
 */
export async function injectNmis(machine: Machine): Promise<number> {
  let count = 0;
  if (!(await machine.started)) return count;
  try {
    for (;;) {
      await machine.injectNmi();
      count += 1;
    }
  } catch (error) {
    if (error instanceof QmpError) return count;
    throw error;
  }
}
