// SPDX-License-Identifier: Apache-2.0
/** From what the user typed to a complete application. */

import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { App, AppBuild } from "../config/app.js";
import { guestPathOf } from "../config/guest-path.js";
import { loadAppConfig } from "../config/load-app-config.js";
import { configName, parseAppConfig } from "../config/parse-app-config.js";
import type { ElfFile } from "../elf/parse-elf.js";
import { findNearest } from "../errors/find-nearest.js";
import { UklError } from "../errors/ukl-error.js";
import { explainSystemError } from "../host/system-error.js";
import { type Log, silentLog } from "../log/log.js";
import { applicationName } from "./application-name.js";
import { hasCallSites } from "./bind-program.js";
import { checkProgram } from "./check-program.js";
import { describeDirectory, nothingToBuild } from "./describe-directory.js";
import { listRecipes, loadRecipe } from "./recipes.js";
import { findInterpreter, type Script } from "./script.js";
import { suggestConfig } from "./suggest-config.js";

/**
 * Finds out what `spec` names: a recipe ("redis"), a directory with a configuration or with something that can be
 * built, a C, C++ or TypeScript file, an ELF program, or a script. A name without a slash or an extension is a recipe's if there is
 * one; "./redis" is a file or directory in any case.
 *
 * @param log is told what was taken for granted
 * @throws UklError APP_NOT_FOUND with the nearest name, or APP_INVALID when it is none of these
 */
export async function resolveApp(spec: string, log: Log = silentLog): Promise<App> {
  const recipes = await listRecipes();
  if (recipes.includes(spec)) return loadRecipe(spec);
  const kind = await kindOf(spec);
  if (kind === "absent") throw await notFound(spec, recipes);
  if (kind === "directory") return appOfDirectory(spec, log);
  if (path.basename(spec) === configName) return appOfDirectory(path.dirname(spec), log);
  return isSource(spec) ? appOfSource(spec) : appOfProgram(spec, log);
}

/** Whether a file is one to be compiled, or says how that is done, by its name. */
export function isSource(file: string): boolean {
  return sourceExtensions.has(path.extname(file)) || path.basename(file) === configName;
}

const typescriptExtensions = new Set([".ts", ".mts"]);
const sourceExtensions = new Set([".c", ".cc", ".cpp", ".cxx", ".C", ...typescriptExtensions]);

async function kindOf(file: string): Promise<"file" | "directory" | "absent"> {
  try {
    return (await stat(file)).isDirectory() ? "directory" : "file";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return "absent";
    throw explainSystemError(error, `read "${file}"`);
  }
}

async function appOfDirectory(directory: string, log: Log): Promise<App> {
  const file = path.resolve(directory, configName);
  const app = existsSync(file) ? await loadAppConfig(file) : await guessApp(directory, file, log);
  return app.build.system === "prebuilt"
    ? withProgramLevel(app, await checkConfigured(app.build.file, file))
    : app;
}

async function checkConfigured(program: string, configuration: string): Promise<ElfFile> {
  try {
    return await checkProgram(program);
  } catch (error) {
    if (!(error instanceof UklError) || error.code !== "APP_NOT_FOUND") throw error;
    throw new UklError(error.code, error.message, {
      hint: `Correct "program" or "source" in ${configuration}`,
      cause: error,
    });
  }
}

async function guessApp(directory: string, file: string, log: Log): Promise<App> {
  const description = await describeDirectory(directory);
  const [build] = description.builds;
  if (build === undefined) throw nothingToBuild(description);
  if (build.programs?.length === 0)
    throw new UklError(
      "APP_INVALID",
      `Cannot run "${directory}": it has no ${configName}, and ${build.what} does not show which program it builds`,
      { hint: `ukl init ${directory}` },
    );
  log.info(`"${directory}" has no ${configName}: taking ${build.what}. Keep that: ukl init ${directory}`);
  return parseAppConfig(suggestConfig(description, build), file);
}

function appOfSource(file: string): App {
  // The name as it was typed, so that the compiler's messages speak of it too.
  const source = { kind: "directory", path: process.cwd() } as const;
  if (typescriptExtensions.has(path.extname(file)))
    return appOfFile(file, { system: "typescript", source, file });
  return appOfFile(file, {
    ...{ system: "c", source, files: [file] },
    ...{ flags: [], libraries: ["m"], packages: [] },
  });
}

async function appOfProgram(file: string, log: Log, depth = 0): Promise<App> {
  const script = await findInterpreter(file);
  if (script !== undefined) {
    if (depth === maxInterpreters)
      throw new UklError(
        "APP_INVALID",
        `Cannot run "${file}": it is the interpreter of a script, and a script itself, ${maxInterpreters} times over`,
        { hint: "Name a program in the first line of the script" },
      );
    const app = await appOfProgram(script.interpreter, log, depth + 1);
    return runScript(app, script, file);
  }
  const elf = await checkProgram(file);
  if (((await stat(file)).mode & setuid) !== 0)
    log.info(`"${file}" is setuid here; in the guest everything is started by root, and it has no such bit`);
  return withProgramLevel(
    { ...appOfFile(file, { system: "prebuilt", file: path.resolve(file) }), level: "compat" },
    elf,
  );
}

/** An interpreter may be a script itself, as often as the kernel allows. */
const maxInterpreters = 4;

/** S_ISUID and S_ISGID. */
const setuid = 0o6000;

/** The interpreter's application with the script as its argument. */
function runScript(interpreter: App, { args }: Script, file: string): App {
  const script = path.resolve(file);
  const place = guestPathOf(script);
  return {
    ...interpreter,
    name: applicationName(file),
    args: [...interpreter.args, ...args, place],
    files: [...interpreter.files, { path: place, file: script }],
  };
}

/** A program that our toolchain built is no unmodified one. */
function withProgramLevel(app: App, elf: ElfFile): App {
  return app.level === "compat" && hasCallSites(elf) ? { ...app, level: "base" } : app;
}

/** An application that has no configuration has its defaults. */
function appOfFile(file: string, build: AppBuild): App {
  const name = applicationName(file);
  const defaults = parseAppConfig({ name, build: { system: "c", files: [name] } }, path.resolve(file));
  return { ...defaults, build };
}

async function notFound(spec: string, recipes: readonly string[]): Promise<UklError> {
  const isName = /^[\w-]+$/.test(spec);
  const nearest = findNearest(path.basename(spec), isName ? recipes : await neighbours(spec));
  const meant = isName || nearest === undefined ? nearest : path.join(path.dirname(spec), nearest);
  return new UklError(
    "APP_NOT_FOUND",
    isName
      ? `Cannot find the application "${spec}": no recipe or file has that name`
      : `Cannot find "${spec}": there is no such file`,
    {
      hint: meant === undefined ? `The recipes are: ${recipes.join(", ")}` : `Did you mean "${meant}"?`,
    },
  );
}

async function neighbours(file: string): Promise<string[]> {
  try {
    return await readdir(path.dirname(file));
  } catch {
    return [];
  }
}
