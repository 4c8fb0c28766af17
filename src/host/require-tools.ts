// SPDX-License-Identifier: Apache-2.0
/** Makes sure that what an operation needs is installed, before it begins. */

import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "./context.js";
import { formatInstallCommand, installPackages } from "./install-packages.js";
import { hasRequirement, type RequirementId, requirements } from "./requirements.js";

/**
 * Resolves when all of these are installed. What is missing is installed with --yes or CI=true, offered on a
 * terminal, and otherwise refused with the command that installs it.
 *
 * @throws UklError HOST_TOOL_MISSING
 */
export async function requireTools(ctx: Context, ids: readonly RequirementId[]): Promise<void> {
  const missing = await findMissing(ids);
  if (missing.length === 0) return;
  const packages = packagesOf(missing);
  if (!(await mayInstall(ctx, missing, packages))) throw await missingError(missing, packages);
  await installPackages(ctx, packages);
  const stillMissing = await findMissing(ids);
  if (stillMissing.length > 0) throw await missingError(stillMissing, packagesOf(stillMissing));
}

/** The Debian packages that bring these requirements, each once. */
export function packagesOf(ids: readonly RequirementId[]): string[] {
  return [...new Set(ids.map((id) => requirements[id].debianPackage))];
}

async function findMissing(ids: readonly RequirementId[]): Promise<RequirementId[]> {
  const present = await Promise.all(ids.map(hasRequirement));
  return ids.filter((_id, index) => present[index] !== true);
}

async function mayInstall(
  ctx: Context,
  missing: readonly RequirementId[],
  packages: readonly string[],
): Promise<boolean> {
  if (ctx.assumeYes) return true;
  if (!ctx.interactive) return false;
  ctx.log.info(`Missing: ${missing.join(", ")}`);
  return confirm(`Install with "${await formatInstallCommand(packages)}"? [Y/n] `, ctx.signal);
}

async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  // terminal: false leaves Ctrl-C to the terminal, which makes it our signal.
  const prompt = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  // Ctrl-D closes the input and leaves the question unanswered for ever: a no.
  const closed = once(prompt, "close").then(() => "no");
  try {
    const answer = await Promise.race([prompt.question(question, { signal }), closed]);
    return /^(y(es)?)?$/i.test(answer.trim());
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    prompt.close();
  }
}

async function missingError(
  missing: readonly RequirementId[],
  packages: readonly string[],
): Promise<UklError> {
  const state = missing.length === 1 ? "it is not installed" : "they are not installed";
  const names = missing.map((id) => `"${id}"`).join(", ");
  return new UklError("HOST_TOOL_MISSING", `Cannot use ${names}: ${state}`, {
    hint: await formatInstallCommand(packages),
  });
}
