// SPDX-License-Identifier: Apache-2.0
/** Installs Debian or Ubuntu packages with the system's own apt-get: the one thing that needs root. */

import { UklError } from "../errors/ukl-error.js";
import { type Context, withLog } from "./context.js";
import { quoteForShell } from "./format-command.js";
import { spawnGroup } from "./process-group.js";
import { findProgram } from "./requirements.js";
import { runCommand } from "./run-command.js";

/** The command that installs these packages, for a person to paste. */
export async function formatInstallCommand(packages: readonly string[]): Promise<string> {
  if ((await findProgram("apt-get")) === undefined) return `Install these packages: ${packages.join(" ")}`;
  const sudo = isRoot() ? "" : "sudo ";
  return aptCommands(packages)
    .map((args) => `${sudo}apt-get ${args.join(" ")}`)
    .join(" && ");
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
  const way = await findWayToRoot(ctx);
  if (way === undefined) {
    throw new UklError("HOST_TOOL_MISSING", `Cannot install ${packages.join(", ")}: that needs root`, {
      hint: `As root: ${await formatInstallCommand(packages)}`,
    });
  }
  ctx.log.info(`$ ${await formatInstallCommand(packages)}`);
  await ctx.log.step(`Installing ${packages.join(", ")}`, (log) =>
    waysToRoot[way](withLog(ctx, log), packages),
  );
}

function aptCommands(packages: readonly string[]): string[][] {
  return [["update"], ["install", "--yes", "--no-install-recommends", ...packages]];
}

/** Another apt, such as the nightly upgrade, is waited for. */
const apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"];

type Install = (ctx: Context, packages: readonly string[]) => Promise<void>;

const waysToRoot = {
  root: (ctx, packages) => install(ctx, packages, apt),
  sudo: (ctx, packages) => install(ctx, packages, ["sudo", "--non-interactive", ...apt]),
  // sudo remembers a password for the terminal it was typed on: the commands must run there, too.
  "sudo-with-password": async (ctx, packages) => {
    const script = aptCommands(packages)
      .map((args) => [...apt, ...args].map(quoteForShell).join(" "))
      .join(" && ");
    ctx.log.info("sudo may ask for your password");
    const stderr = process.stderr.fd;
    const group = await spawnGroup({
      file: "sudo",
      args: ["sh", "-c", script],
      stdin: "inherit",
      stdout: stderr,
      stderr,
      foreground: true,
    });
    const { exitCode } = await group.exited;
    ctx.signal.throwIfAborted();
    if (exitCode === 0) return;
    throw new UklError(
      "HOST_COMMAND_FAILED",
      `Cannot install the packages: sudo exited with status ${exitCode}`,
    );
  },
} as const satisfies Readonly<Record<string, Install>>;

async function install(ctx: Context, packages: readonly string[], prefix: readonly string[]): Promise<void> {
  for (const args of aptCommands(packages)) {
    const [file, ...rest] = [...prefix, ...args];
    await runCommand(ctx, file as string, rest);
  }
}

async function findWayToRoot(ctx: Context): Promise<keyof typeof waysToRoot | undefined> {
  if (isRoot()) return "root";
  if ((await findProgram("sudo")) === undefined) return undefined;
  const quiet = await runCommand(ctx, "sudo", ["--non-interactive", "true"], { allowFailure: true });
  if (quiet.exitCode === 0) return "sudo";
  return ctx.interactive ? "sudo-with-password" : undefined;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
