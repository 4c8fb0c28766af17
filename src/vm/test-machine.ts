// SPDX-License-Identifier: Apache-2.0
/** A machine as an application's test sees it: the part that a test needs, in the test's words. */

import type { TestMachine } from "../config/test-machine.js";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";
import type { AppOutput } from "./app-output.js";
import type { Machine } from "./machine.js";
import { exitStatusOf } from "./machine-exit.js";

/**
 * @param ctx its signal ends what the test has started, when the time is up and when the test is over
 * @param beforeKill awaited before the test's signal is sent
 */
export function createTestMachine(
  ctx: Context,
  machine: Machine,
  output: AppOutput,
  beforeKill: () => Promise<void>,
): TestMachine {
  const { stdin } = machine;
  if (stdin === undefined) throw new Error("a test needs a machine with pipes");
  return {
    port(guestPort, protocol = "tcp") {
      const forward = machine.state.ports.find(
        (port) => port.guestPort === guestPort && port.protocol === protocol,
      );
      if (forward !== undefined) return forward.hostPort;
      const list = protocol === "tcp" ? "ports" : "udpPorts";
      throw new Error(`port ${guestPort} is not among the configuration's "${list}"`);
    },
    runClient(program, args, options) {
      const output = runCommand(ctx, program, args, options).then(({ stdout }) => stdout);
      // A test that has failed meanwhile does not wait for it any more.
      output.catch(() => {});
      return output;
    },
    get output() {
      return output.text;
    },
    waitForOutput: (expected) => output.waitFor(expected),
    stdin,
    kill: async (name) => {
      await beforeKill();
      return machine.signal(name);
    },
    exited: machine.exited.then((exit) => ({
      status: exitStatusOf(exit),
      signal: exit.kind === "signal" ? exit.signal : undefined,
    })),
    signal: ctx.signal,
  };
}
