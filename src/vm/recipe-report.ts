// SPDX-License-Identifier: Apache-2.0
/** What there is to know of a recipe without building anything. */

import { loadRecipe } from "../app/recipes.js";
import type { AppBuild } from "../config/app.js";
import type { Level } from "../config/level.js";
import { UklError } from "../errors/ukl-error.js";
import { NotCachedError } from "../host/cache.js";
import { type Context, withCachedOnly } from "../host/context.js";
import { findTestSubject, type TestSubject } from "./test-recipe.js";
import { findTestRecord } from "./test-record.js";

export interface RecipeReport {
  readonly name: string;
  readonly summary: string;
  /** Of the application; undefined for those whose source is in the package. */
  readonly version: string | undefined;
  readonly license: string | undefined;
  readonly level: Level;
  readonly ports: readonly number[];
  readonly udpPorts: readonly number[];
  /** Of the program; undefined when it is not built. */
  readonly sizeBytes: number | undefined;
  /** Of what is in the cache now: not built, built, or built and tested just so. */
  readonly state: "absent" | "built" | "passed" | "failed";
  /** ISO 8601. */
  readonly testedAt: string | undefined;
  readonly durationMs: number | undefined;
  /** Why its test failed. */
  readonly reason: string | undefined;
}

/** Looks a recipe up in the cache. */
export async function describeRecipe(ctx: Context, name: string): Promise<RecipeReport> {
  const app = await loadRecipe(name);
  const subject = await findSubject(withCachedOnly(ctx), name);
  const record = subject === undefined ? undefined : await findTestRecord(ctx, name, subject.key);
  const tested = record === undefined ? "built" : record.reason === undefined ? "passed" : "failed";
  return {
    ...{ name, summary: app.summary, version: versionOf(app.build), license: app.license },
    ...{ level: app.level, ports: app.ports, udpPorts: app.udpPorts },
    sizeBytes: subject?.sizeBytes,
    state: subject === undefined ? "absent" : tested,
    testedAt: record?.testedAt,
    durationMs: record?.durationMs,
    reason: record?.reason,
  };
}

/** Undefined when a part of it is not in the cache, or a tool to look for it with is missing. */
async function findSubject(ctx: Context, name: string): Promise<TestSubject | undefined> {
  try {
    return await findTestSubject(ctx, name);
  } catch (error) {
    if (error instanceof NotCachedError) return undefined;
    if (error instanceof UklError && error.code === "HOST_TOOL_MISSING") return undefined;
    throw error;
  }
}

function versionOf(build: AppBuild): string | undefined {
  return build.system !== "prebuilt" && "version" in build.source ? build.source.version : undefined;
}
