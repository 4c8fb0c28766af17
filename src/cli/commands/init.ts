// SPDX-License-Identifier: Apache-2.0
/** `ukl init`: looks at a directory and writes the configuration that it needs. */

import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import {
  type BuildFinding,
  type DirectoryDescription,
  describeDirectory,
  nothingToBuild,
} from "../../app/describe-directory.js";
import { formatAppConfig, suggestConfig } from "../../app/suggest-config.js";
import type { AppConfig } from "../../config/define-app.js";
import { configName } from "../../config/parse-app-config.js";
import { UklError } from "../../errors/ukl-error.js";
import type { Context } from "../../host/context.js";
import { formatCommand } from "../../host/format-command.js";
import { explainSystemError, isSystemError } from "../../host/system-error.js";
import { askForConfig } from "../ask-for-config.js";
import { defineCommand, jsonFlag } from "../define-command.js";

export const command = defineCommand<{ readonly json?: boolean }, [directory?: string]>({
  description: `Looks for configure, a Makefile, CMakeLists.txt, meson.build, C and C++ files, and programs; runs none of it. On a
terminal it asks what it cannot see; with --yes, or without a terminal, it takes what is likeliest. An existing
${configName} is never touched.`,
  flags: { json: jsonFlag },
  positional: {
    kind: "tuple",
    parameters: [{ brief: "The directory; default: .", parse: String, placeholder: "DIR", optional: true }],
  },
  run: async ({ ctx, flags, args: [directory = "."], print }) => {
    const file = path.resolve(directory, configName);
    if (existsSync(file)) throw existsAlready(file, directory);
    const description = await describeDirectory(directory);
    const [likeliest] = description.builds;
    if (likeliest === undefined) throw nothingToBuild(description);
    const asks = ctx.interactive && !ctx.assumeYes;
    if (!asks) reportGuess(ctx, description, likeliest);
    const config = asks ? await askForConfig(ctx, description) : suggestConfig(description, likeliest);
    await writeConfig(file, directory, config);
    ctx.log.info(`Now type: ${runCommandFor(directory)}`);
    print(flags.json === true ? JSON.stringify({ file, config }, null, 2) : file);
  },
});

/** Says what was seen and what was guessed, so that a wrong guess can be put right. */
function reportGuess({ log }: Context, description: DirectoryDescription, chosen: BuildFinding): void {
  const others = description.builds.filter((build) => build !== chosen).map(({ what }) => what);
  log.info(`Found ${chosen.what}${others.length === 0 ? "" : `; not taken: ${others.join("; ")}`}`);
  const [program, ...more] = chosen.programs ?? [];
  if (chosen.programs?.length === 0)
    log.warn(`${chosen.what} does not show which program it builds: correct "program" in the configuration`);
  if (more.length > 0)
    log.info(`Taking its program "${program}", not ${more.map((name) => `"${name}"`).join(", ")}`);
  if (description.ports.length > 0)
    log.info(`It seems to listen on ${description.ports.join(", ")}: correct "ports" if it does not`);
}

async function writeConfig(file: string, directory: string, config: AppConfig): Promise<void> {
  try {
    await writeFile(file, formatAppConfig(config), { flag: "wx" });
  } catch (error) {
    if (isSystemError(error, "EEXIST")) throw existsAlready(file, directory);
    throw explainSystemError(error, `write "${file}"`);
  }
}

function existsAlready(file: string, directory: string): UklError {
  return new UklError("USAGE_INVALID", `Cannot write "${file}": it exists already`, {
    hint: `Edit it, or try it: ${runCommandFor(directory)}`,
  });
}

/** With a slash, lest it be taken for a recipe. */
function runCommandFor(directory: string): string {
  const place = /^\.+$|\//.test(directory) ? directory : `./${directory}`;
  return formatCommand({ file: "ukl", args: ["run", place] });
}
