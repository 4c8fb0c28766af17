// SPDX-License-Identifier: Apache-2.0
/** `ukl apps`: the recipes, what is built of them, and how their tests ended. */

import { listRecipes } from "../../app/recipes.js";
import { findNearest } from "../../errors/find-nearest.js";
import { exitStatus, UklError } from "../../errors/ukl-error.js";
import type { Context } from "../../host/context.js";
import { formatDuration } from "../../log/format-duration.js";
import { describeRecipe, type RecipeReport } from "../../vm/recipe-report.js";
import { testRecipe } from "../../vm/test-recipe.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { formatSize } from "../format-size.js";
import { formatTable } from "../format-table.js";

type Flags = { readonly test?: boolean; readonly json?: boolean };

export const command = defineCommand<Flags, string[]>({
  description: `Builds nothing: STATUS and SIZE are of what is in the cache, made from just these sources. With --test every recipe, or each of
those named, is built if needed, booted and tested first; exits with 1 when one of them fails.`,
  flags: {
    test: { kind: "boolean", brief: "Test them first", optional: true, withNegated: false },
    json: jsonFlag,
  },
  positional: {
    kind: "array",
    parameter: { brief: "Which; default: all", parse: String, placeholder: "APP" },
  },
  run: async ({ ctx, flags, args, print }) => {
    const names = await chooseRecipes(args);
    const failed = flags.test === true ? await testAll(ctx, names) : 0;
    const reports: RecipeReport[] = [];
    for (const name of names) reports.push(await describeRecipe(ctx, name));
    print(flags.json === true ? JSON.stringify(reports, null, 2) : formatReports(reports));
    return failed === 0 ? exitStatus.ok : exitStatus.failed;
  },
});

async function chooseRecipes(asked: readonly string[]): Promise<readonly string[]> {
  const recipes = await listRecipes();
  for (const name of asked) {
    if (recipes.includes(name)) continue;
    const nearest = findNearest(name, recipes);
    throw new UklError("APP_NOT_FOUND", `Cannot find the recipe "${name}": there is none of that name`, {
      hint: nearest === undefined ? `The recipes are: ${recipes.join(", ")}` : `Did you mean "${nearest}"?`,
    });
  }
  return asked.length === 0 ? recipes : asked;
}

/** One after the other, to the end; returns how many failed. */
async function testAll(ctx: Context, names: readonly string[]): Promise<number> {
  let failed = 0;
  for (const name of names) {
    try {
      await testRecipe(ctx, name);
    } catch (error) {
      if (!(error instanceof UklError)) throw error;
      ctx.log.warn(error.message);
      failed++;
    }
  }
  return failed;
}

function formatReports(reports: readonly RecipeReport[]): string {
  return formatTable(
    ["NAME", "VERSION", "LICENCE", "SIZE", "STATUS", "WHAT IT IS"],
    reports.map((report) => [
      report.name,
      report.version ?? "-",
      report.license ?? "-",
      report.sizeBytes === undefined ? "-" : formatSize(report.sizeBytes),
      formatState(report),
      report.summary,
    ]),
  );
}

const stateWords = {
  absent: "not built",
  built: "built",
  passed: "passed",
  failed: "failed",
} as const satisfies Record<RecipeReport["state"], string>;

/** "passed 2026-11-21 15:20, 3.1 s". */
function formatState({ state, testedAt, durationMs }: RecipeReport): string {
  if (testedAt === undefined || durationMs === undefined) return stateWords[state];
  return `${stateWords[state]} ${testedAt.slice(0, 16).replace("T", " ")}, ${formatDuration(durationMs)}`;
}
