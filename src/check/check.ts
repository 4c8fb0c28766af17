// SPDX-License-Identifier: Apache-2.0
/** Will it run, at which level, and what is to be changed: the check of objects, archives, programs and sources. */

import { readFile, stat } from "node:fs/promises";
import { buildApp } from "../app/build-app.js";
import { listRecipes } from "../app/recipes.js";
import { isSource, resolveApp } from "../app/resolve-app.js";
import { findInterpreter } from "../app/script.js";
import type { App } from "../config/app.js";
import { damagedElf } from "../elf/parse-elf.js";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { explainSystemError, isSystemError } from "../host/system-error.js";
import { findKernels } from "../kernel/find-kernels.js";
import { applyRules, makeFinding } from "./apply-rules.js";
import type { CheckedFile } from "./checked-file.js";
import { findLines } from "./find-lines.js";
import type { CheckReport, Finding } from "./finding.js";
import { judge } from "./judge.js";
import { type TakenApart, takeApart } from "./take-apart.js";

export interface CheckRequest {
  /** An object, an archive, a program, a script; or what `ukl run` would build: a C, C++ or TypeScript file, a recipe, a directory. */
  readonly path: string;
}

/**
 * Checks a file. What has to be built is built first, as `ukl run` does. The report has all findings; whether there are
 * blockers is for the caller to look at.
 *
 * @throws the reason of `ctx.signal` when that is aborted
 * @throws UklError ELF_INVALID or CHECK_UNKNOWN_FORMAT when it is no such file, APP_NOT_FOUND when there is none; what builds throw
 * @example
 * const report = await check(createContext(), { path: "server.o" });
 * if (report.level === undefined) throw new Error(report.verdict);
 */
export async function check(ctx: Context, request: CheckRequest): Promise<CheckReport> {
  const built = (await buildIfNeeded(ctx, request.path)) ?? (await findScriptProgram(request.path));
  const program = built ?? request.path;
  const report = await checkFile(ctx, program, await readProgram(program));
  return { ...report, path: request.path, program: built };
}

/** The path of the program, with debug information; undefined when the path is that of one. */
async function buildIfNeeded(ctx: Context, name: string): Promise<string | undefined> {
  const isRecipe = (await listRecipes()).includes(name);
  if (!isRecipe && !isSource(name) && !(await isDirectory(name))) return undefined;
  return (await buildApp(ctx, await resolveSubject(ctx, name))).symbols;
}

/** The interpreter of a script, which is the program that runs; undefined when the file is no script. */
async function findScriptProgram(name: string): Promise<string | undefined> {
  if ((await findInterpreter(name)) === undefined) return undefined;
  const { build } = await resolveApp(name);
  return build.system === "prebuilt" ? build.file : undefined;
}

/** What cannot be run because nobody knows how to build it cannot be checked either. */
async function resolveSubject(ctx: Context, name: string): Promise<App> {
  try {
    return await resolveApp(name, ctx.log);
  } catch (error) {
    if (!(error instanceof UklError) || error.code !== "APP_INVALID") throw error;
    throw new UklError("APP_INVALID", error.message.replace(/^Cannot run/, "Cannot check"), {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}

async function isDirectory(name: string): Promise<boolean> {
  try {
    return (await stat(name)).isDirectory();
  } catch (error) {
    if (isSystemError(error, "ENOENT") || isSystemError(error, "ENOTDIR")) {
      // Says what is near to it.
      await resolveApp(name);
      return false;
    }
    throw explainSystemError(error, `read "${name}"`);
  }
}

async function readProgram(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw explainSystemError(error, `read "${file}"`);
  }
}

async function checkFile(ctx: Context, file: string, bytes: Uint8Array): Promise<CheckReport> {
  try {
    const parts = await takeApart(file, bytes);
    if ("rule" in parts) {
      const findings = [makeFinding(parts.rule, { count: 1, details: [parts.detail] }, [])];
      const { verdict } = judge({ form: "other", callSites: undefined, note: undefined }, findings);
      return {
        path: file,
        program: undefined,
        form: "other",
        level: undefined,
        verdict,
        findings,
        instructions: 0,
      };
    }
    return await report(ctx, file, parts);
  } catch (error) {
    // An offset that points out of its table.
    if (error instanceof RangeError) throw damagedElf(file, error);
    throw error;
  }
}

async function report(ctx: Context, file: string, parts: TakenApart): Promise<CheckReport> {
  const checked: CheckedFile = {
    ...parts,
    // Only a program that is linked against one wants to know of all.
    kernels: await findKernels(ctx, parts.note?.kernelBuildId === undefined ? 1 : Number.POSITIVE_INFINITY),
  };
  const { findings, instructions } = await applyRules(checked, ctx.signal);
  return {
    path: file,
    program: undefined,
    form: parts.form,
    ...judge(checked, findings),
    findings: await addLines(ctx, file, parts, findings),
    instructions,
  };
}

async function addLines(
  ctx: Context,
  file: string,
  { objects }: TakenApart,
  findings: readonly Finding[],
): Promise<Finding[]> {
  const [first] = objects;
  if (first === undefined || first.name !== undefined) return [...findings];
  const own = findings.flatMap(({ sites }) => sites).filter(({ object }) => object === undefined);
  const lines = await findLines(
    ctx,
    file,
    first.elf,
    own.map(({ address }) => address),
  );
  return findings.map((finding) => ({
    ...finding,
    sites: finding.sites.map((site) =>
      site.object === undefined ? { ...site, line: lines.get(site.address) } : site,
    ),
  }));
}
