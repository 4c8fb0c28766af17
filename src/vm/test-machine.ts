// SPDX-License-Identifier: Apache-2.0
/** A machine as an application's test sees it: the part that a test needs, in the test's words. */

import type { TestMachine } from "../config/test-machine.js";
import type { AppOutput } from "./app-output.js";
import type { Machine } from "./machine.js";
import { exitStatusOf } from "./machine-exit.js";

export function createTestMachine(machine: Machine, output: AppOutput, signal: AbortSignal): TestMachine {
  const { stdin } = machine;
  if (stdin === undefined) throw new Error("a test needs a machine with pipes");
  return {
    port(guestPort) {
      const forward = machine.state.ports.find((port) => port.guestPort === guestPort);
      if (forward !== undefined) return forward.hostPort;
      throw new Error(`port ${guestPort} is not among the configuration's "ports"`);
    },
    get output() {
      return output.text;
    },
    waitForOutput: (expected) => output.waitFor(expected),
    stdin,
    kill: (name) => machine.signal(name),
    exited: machine.exited.then((exit) => ({
      status: exitStatusOf(exit),
      signal: exit.kind === "signal" ? exit.signal : undefined,
    })),
    signal,
  };
}
