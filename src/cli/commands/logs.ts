// SPDX-License-Identifier: Apache-2.0
/** `ukl logs`: what a machine's application, or its kernel, has said. */

import path from "node:path";
import { followFile } from "../../vm/follow-file.js";
import { findMachinesDirectory, resolveMachine } from "../../vm/machine-registry.js";
import { machineFile } from "../../vm/qemu-arguments.js";
import { waitForMachine } from "../../vm/wait-for-machine.js";
import { defineCommand } from "../define-command.js";

type Flags = { readonly kernel?: boolean; readonly follow?: boolean };

export const command = defineCommand<Flags, [name: string]>({
  flags: {
    kernel: { kind: "boolean", brief: "The kernel's messages instead", optional: true, withNegated: false },
    follow: { kind: "boolean", brief: "Go on until the machine ends", optional: true, withNegated: false },
  },
  aliases: { f: "follow" },
  positional: {
    kind: "tuple",
    parameters: [{ brief: "The machine", parse: String, placeholder: "NAME" }],
  },
  run: async ({ ctx, flags, args: [name] }) => {
    const machine = await resolveMachine(findMachinesDirectory(process.cwd()), name);
    const file = path.join(
      machine.directory,
      flags.kernel === true ? machineFile.kernel : machineFile.console,
    );
    const end = flags.follow === true && machine.running ? waitForMachine(machine) : Promise.resolve();
    await followFile(file, { until: end, signal: ctx.signal, write: (chunk) => process.stdout.write(chunk) });
  },
});
