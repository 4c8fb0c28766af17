// SPDX-License-Identifier: Apache-2.0
/** What suites put into their guests: programs under test, programs of the distribution, directories of tests. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { buildApp } from "../app/build-app.js";
import { loadRecipe } from "../app/recipes.js";
import type { SourceBuild } from "../config/app.js";
import type { Context } from "../host/context.js";
import { type GuestFiles, loadGuestFiles, mergeGuestFiles } from "../image/load-guest-files.js";
import { loadPackageProgram } from "../image/load-package-program.js";
import { fetchSource } from "../source/fetch-source.js";

/** A program that a recipe's source can build: where it is in the guest, and what differs from the recipe. */
export interface RecipeProgram
  extends Partial<Pick<SourceBuild, "options" | "targets" | "program" | "packages" | "variables">> {
  readonly path: string;
}

export interface SuiteSource {
  /** The unpacked source, which has the tests. */
  readonly tree: string;
  readonly version: string;
  readonly programs: GuestFiles;
}

/** Builds programs of a recipe, one after the other, as the recipe itself does. */
export async function buildRecipePrograms(
  ctx: Context,
  recipe: string,
  programs: readonly RecipeProgram[],
): Promise<SuiteSource> {
  const app = await loadRecipe(recipe);
  const { build } = app;
  if (build.system === "prebuilt" || build.system === "c") throw new Error(`${recipe} is no source package`);
  const source = await fetchSource(ctx, build.source);
  const files = [];
  for (const { path: place, ...changes } of programs) {
    const { program } = await buildApp(ctx, { ...app, build: { ...build, ...changes } });
    files.push({ path: place, mode: 0o755, data: await readFile(program) });
  }
  return { tree: source.path, version: source.version, programs: { files, links: [], directories: [] } };
}

/** A program that stays an ordinary one, with its libraries and the directories that it reads. */
export interface DriverRequest {
  /** Of the distribution, with what it depends on. */
  readonly package: string;
  readonly path: string;
  readonly directories?: readonly string[];
}

/** Fetches programs of the distribution. */
export async function loadDrivers(ctx: Context, requests: readonly DriverRequest[]): Promise<GuestFiles> {
  let all: GuestFiles = { files: [], links: [], directories: [] };
  for (const request of requests) {
    const { file, libraries } = await loadPackageProgram(ctx, request);
    const tree = file.slice(0, -request.path.length);
    const read = await loadGuestFiles(
      (request.directories ?? []).map((place) => ({ path: place, file: path.join(tree, place) })),
    );
    const program = { path: request.path, mode: 0o755, data: await readFile(file) };
    const own = { ...read, files: [program, ...libraries, ...read.files] };
    all = mergeGuestFiles(all, own);
  }
  return all;
}
