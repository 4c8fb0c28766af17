// SPDX-License-Identifier: Apache-2.0
/** `ukl check`: will it run, at which level, and what is to be changed. */

import { check } from "../../check/check.js";
import { exitStatus } from "../../errors/ukl-error.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { formatReport } from "../format-findings.js";

type Flags = { readonly json?: boolean };

export const command = defineCommand<Flags, [path: string]>({
  description: `PATH is an object, a static archive, a program or a script; or what "ukl run" takes, a C, C++ or TypeScript file, a directory or a recipe, which are
built first.

Exit status: 0 when it runs, 3 when something keeps it from running, 2 when it is nothing that can be checked.`,
  flags: { json: jsonFlag },
  positional: {
    kind: "tuple",
    parameters: [{ brief: "What to check", parse: String, placeholder: "PATH" }],
  },
  run: async ({ ctx, flags, args: [path], print }) => {
    const report = await check(ctx, { path });
    print(flags.json === true ? JSON.stringify(report, null, 2) : formatReport(report));
    return report.findings.some(({ severity }) => severity === "blocker")
      ? exitStatus.blockers
      : exitStatus.ok;
  },
});
