// SPDX-License-Identifier: Apache-2.0
/** `ukl doctor`: what the machine needs, what it has, and the one command that installs the rest. */

import { exitStatus, UklError } from "../../errors/ukl-error.js";
import type { Context } from "../../host/context.js";
import { formatInstallCommand, installPackages } from "../../host/install-packages.js";
import { packagesOf } from "../../host/require-tools.js";
import { checkRequirements, type RequirementFinding } from "../../host/requirements.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { formatTable } from "../format-table.js";

type Flags = {
  readonly json?: boolean;
  readonly fix?: boolean;
};

export const command = defineCommand<Flags>({
  description: "Exits with 3 when something that is not optional is missing.",
  flags: {
    json: jsonFlag,
    fix: { kind: "boolean", brief: "Install what is missing", optional: true, withNegated: false },
  },
  run: async ({ ctx, flags, print }) => {
    const missing = (await checkRequirements(ctx)).filter(({ present }) => !present);
    if (flags.fix === true) await fix(ctx, missing);
    const findings = await checkRequirements(ctx);
    print(flags.json === true ? JSON.stringify(findings, null, 2) : await formatFindings(findings));
    return findings.some(({ present, optional }) => !present && !optional)
      ? exitStatus.blockers
      : exitStatus.ok;
  },
});

/** Asks nothing: --fix is the answer to the question that other commands ask. */
async function fix(ctx: Context, missing: readonly RequirementFinding[]): Promise<void> {
  try {
    await installPackages(ctx, packagesOf(missing.map(({ id }) => id)));
  } catch (error) {
    if (!(error instanceof UklError) || missing.some(({ optional }) => !optional)) throw error;
    ctx.log.warn(error.message);
  }
}

async function formatFindings(findings: readonly RequirementFinding[]): Promise<string> {
  const rows = findings.map((finding) => [
    finding.id,
    finding.version ?? (finding.present ? "present" : finding.optional ? "missing (optional)" : "missing"),
    finding.debianPackage,
    finding.neededFor.join(", "),
  ]);
  const table = formatTable(["TOOL", "VERSION", "PACKAGE", "NEEDED FOR"], rows);
  const missing = findings.filter(({ present }) => !present);
  if (missing.length === 0) return `${table}\n\nNothing is missing.`;
  const install = await formatInstallCommand(packagesOf(missing.map(({ id }) => id)));
  return `${table}\n\nInstall what is missing with "ukl doctor --fix", or by hand:\n  ${install}`;
}
