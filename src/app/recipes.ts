// SPDX-License-Identifier: Apache-2.0
/** The applications that come with the package: one folder each below apps/. */

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { App } from "../config/app.js";
import { parseAppConfig } from "../config/parse-app-config.js";
import { packagePath } from "../host/package-path.js";

/** The names of all recipes, sorted. */
export async function listRecipes(): Promise<string[]> {
  const entries = await readdir(packagePath("apps"), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(packagePath("apps", entry.name, "recipe.ts")))
    .map((entry) => entry.name)
    .sort();
}

/** Loads one of `listRecipes`. */
export async function loadRecipe(name: string): Promise<App> {
  // Relative and by our own extension: the compiled package takes compiled recipes, the sources take sources.
  const recipe = new URL(`../../apps/${name}/recipe${path.extname(import.meta.url)}`, import.meta.url);
  const module = (await import(recipe.href)) as { default: unknown };
  return parseAppConfig(module.default, packagePath("apps", name, "recipe.ts"));
}
