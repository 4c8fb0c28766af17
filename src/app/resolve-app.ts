// SPDX-License-Identifier: Apache-2.0
/** From what the user typed to a complete application. */

import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { App, AppBuild } from "../config/app.js";
import { parseAppConfig } from "../config/parse-app-config.js";
import { isDynamic, isElf, parseElf } from "../elf/parse-elf.js";
import { findNearest } from "../errors/find-nearest.js";
import { UklError } from "../errors/ukl-error.js";
import { explainSystemError } from "../host/system-error.js";
import { hasCallSites } from "./bind-program.js";
import { listRecipes, loadRecipe } from "./recipes.js";

/**
 * Finds out what `spec` names: a recipe ("redis"), a C or C++ file, or a static ELF program. A name
 * without a slash or an extension is a recipe's; "./redis" is a file in any case.
 *
 * @throws UklError APP_NOT_FOUND with the nearest name, or APP_INVALID when the file is none of these
 */
export async function resolveApp(spec: string): Promise<App> {
  const recipes = await listRecipes();
  if (recipes.includes(spec)) return loadRecipe(spec);
  const kind = await kindOf(spec);
  if (kind === "absent") throw await notFound(spec, recipes);
  if (kind === "directory")
    throw new UklError("APP_INVALID", `Cannot run "${spec}": it is a directory`, {
      hint: `Name a program or a source file in it. The recipes are: ${recipes.join(", ")}`,
    });
  return sourceExtensions.has(path.extname(spec)) ? appOfSource(spec) : appOfProgram(spec);
}

const sourceExtensions = new Set([".c", ".cc", ".cpp", ".cxx", ".C"]);

async function kindOf(file: string): Promise<"file" | "directory" | "absent"> {
  try {
    return (await stat(file)).isDirectory() ? "directory" : "file";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return "absent";
    throw explainSystemError(error, `read "${file}"`);
  }
}

function appOfSource(file: string): App {
  // The name as it was typed, so that the compiler's messages speak of it too.
  return defaultApp(file, {
    system: "c",
    directory: process.cwd(),
    files: [file],
    flags: [],
    libraries: ["m"],
  });
}

async function appOfProgram(file: string): Promise<App> {
  const bytes = await readFile(file);
  if (!isElf(bytes))
    throw new UklError(
      "APP_INVALID",
      `Cannot run "${file}": it is neither a C or C++ file nor an ELF program`,
    );
  const elf = parseElf(bytes, file);
  if (elf.type !== "executable" && elf.type !== "shared")
    throw new UklError("APP_INVALID", `Cannot run "${file}": it is not linked into a program`);
  if (isDynamic(elf))
    throw new UklError(
      "APP_INVALID",
      `Cannot run "${file}": it needs shared libraries, which an image lacks`,
      {
        hint: "Link it with -static",
      },
    );
  const app = defaultApp(file, { system: "prebuilt", file: path.resolve(file) });
  return { ...app, level: hasCallSites(elf) ? "base" : "compat" };
}

/** An application that has no configuration has its defaults. */
function defaultApp(file: string, build: AppBuild): App {
  const name = nameOf(file);
  const defaults = parseAppConfig({ name, build: { system: "c", files: [name] } }, path.resolve(file));
  return { ...defaults, build };
}

/** "Hello World.c" → "hello-world" */
function nameOf(file: string): string {
  const { name } = path.parse(file);
  return (
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "app"
  );
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
