// SPDX-License-Identifier: Apache-2.0
/** Whether a process still runs, for tests that say what must not. */

import { readFile } from "node:fs/promises";

/** False also for a process that is dead and waits for init to reap it. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, "utf8");
    return !status.slice(status.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
}
