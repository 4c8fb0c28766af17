// SPDX-License-Identifier: Apache-2.0
/** Installs Debian or Ubuntu packages with the system's own apt-get: the one thing that needs root. */

import { UklError } from "../errors/ukl-error.js";
import { type Context, withLog } from "./context.js";
import { spawnGroup } from "./process-group.js";
import { findProgram } from "./requirements.js";
import { runCommand } from "./run-command.js";

/** The command that installs these packages, for a person to paste. */
export async function formatInstallCommand(packages: readonly string[]): Promise<string> {
  if ((await findProgram("apt-get")) === undefined) return `Install these packages: ${packages.join(" ")}`;
  const sudo = isRoot() ? "" : "sudo ";
  return `${sudo}apt-get update && ${sudo}${["apt-get", ...installArguments(packages)].join(" ")}`;
}

/**
 * Installs packages; asks for the password on the terminal when sudo needs one.
 *
 * @throws UklError HOST_TOOL_MISSING when there is no apt-get, or no way to become root
 */
export async function installPackages(ctx: Context, packages: readonly string[]): Promise<void> {
  if (packages.length === 0) return;
  if ((await findProgram("apt-get")) === undefined) {
    throw new UklError("HOST_TOOL_MISSING", `Cannot install ${packages.join(", ")}: there is no apt-get`, {
      hint: "Install what these Debian packages contain with your system's own package manager",
    });
  }
  const prefix = await becomeRoot(ctx, packages);
  ctx.log.info(`$ ${await formatInstallCommand(packages)}`);
  await ctx.log.step(`Installing ${packages.join(", ")}`, async (log) => {
    const inner = withLog(ctx, log);
    await runAptGet(inner, prefix, ["update"]);
    await runAptGet(inner, prefix, installArguments(packages));
  });
}

function installArguments(packages: readonly string[]): string[] {
  return ["install", "--yes", "--no-install-recommends", ...packages];
}

async function runAptGet(ctx: Context, prefix: readonly string[], args: readonly string[]): Promise<void> {
  // Another apt, such as the nightly upgrade, is waited for.
  const apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", ...args];
  const [file, ...rest] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", ...apt];
  await runCommand(ctx, file as string, rest);
}

/** Returns what to put before a command to run it as root. */
async function becomeRoot(ctx: Context, packages: readonly string[]): Promise<string[]> {
  if (isRoot()) return [];
  if ((await findProgram("sudo")) !== undefined && (await validateSudo(ctx)))
    return ["sudo", "--non-interactive"];
  throw new UklError("HOST_TOOL_MISSING", `Cannot install ${packages.join(", ")}: that needs root`, {
    hint: `As root: apt-get update && apt-get ${installArguments(packages).join(" ")}`,
  });
}

/** After this sudo asks no more, for some minutes. */
async function validateSudo(ctx: Context): Promise<boolean> {
  const quiet = await runCommand(ctx, "sudo", ["--non-interactive", "true"], { allowFailure: true });
  if (quiet.exitCode === 0 || !ctx.interactive) return quiet.exitCode === 0;
  const asking = await spawnGroup({
    file: "sudo",
    args: ["--validate"],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
    foreground: true,
  });
  return (await asking.exited).exitCode === 0;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
