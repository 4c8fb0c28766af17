// SPDX-License-Identifier: Apache-2.0
/** `ukl stop`: ends a machine, politely first. */

import { removeMachine, stopMachine } from "../../vm/end-machine.js";
import { describeExit } from "../../vm/machine-exit.js";
import { findMachinesDirectory, resolveMachine } from "../../vm/machine-registry.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { parseSecondsMs } from "../parse-flags.js";
import { summariseExit } from "../report-machine.js";

type Flags = { readonly grace?: number; readonly remove?: boolean; readonly json?: boolean };

export const command = defineCommand<Flags, [name: string]>({
  description:
    "The application gets SIGTERM and some time to end; then the machine is switched off. Its logs stay.",
  flags: {
    grace: {
      kind: "parsed",
      parse: parseSecondsMs,
      brief: "How long the application may take (default 5)",
      placeholder: "SECONDS",
      optional: true,
    },
    remove: { kind: "boolean", brief: "Remove its logs as well", optional: true, withNegated: false },
    json: jsonFlag,
  },
  positional: {
    kind: "tuple",
    parameters: [{ brief: "The machine", parse: String, placeholder: "NAME" }],
  },
  run: async ({ ctx, flags, args: [name], print }) => {
    const machine = await resolveMachine(findMachinesDirectory(process.cwd()), name);
    if (!machine.running) ctx.log.info(`${name} has ended before`);
    const exit = await stopMachine(machine, flags.grace === undefined ? {} : { graceMs: flags.grace });
    if (flags.remove === true) await removeMachine(machine);
    const sentence = describeExit(exit);
    if (sentence !== undefined) ctx.log.info(sentence);
    print(flags.json === true ? JSON.stringify(exit, null, 2) : `${name}: ${summariseExit(exit)}`);
  },
});
