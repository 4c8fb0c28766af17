// SPDX-License-Identifier: Apache-2.0
/** `ukl ps`: the machines of this project. */

import { findMachinesDirectory, listMachines, type MachineRecord } from "../../vm/machine-registry.js";
import { formatHostEnd } from "../../vm/port-forward.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { formatTable } from "../format-table.js";
import { summariseExit } from "../report-machine.js";

type Flags = { readonly all?: boolean; readonly json?: boolean };

export const command = defineCommand<Flags>({
  flags: {
    all: { kind: "boolean", brief: "Those that have ended too", optional: true, withNegated: false },
    json: jsonFlag,
  },
  aliases: { a: "all" },
  run: async ({ flags, print }) => {
    const machines = (await listMachines(findMachinesDirectory(process.cwd()))).filter(
      ({ running }) => running || flags.all === true,
    );
    if (flags.json === true) print(JSON.stringify(machines, null, 2));
    else
      print(
        formatTable(
          ["NAME", "APP", "LEVEL", "STATUS", "PORTS", "MEMORY", "STARTED"],
          machines.map(formatRow),
        ),
      );
  },
});

function formatRow(machine: MachineRecord): string[] {
  return [
    machine.name,
    machine.app,
    machine.level,
    summariseExit(machine.exit),
    machine.ports.map((port) => `${formatHostEnd(port)}→${port.guestPort}`).join(" ") || "-",
    `${machine.memoryMib}M`,
    machine.startedAt.replace("T", " ").slice(0, 19),
  ];
}
