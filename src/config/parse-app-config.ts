// SPDX-License-Identifier: Apache-2.0
/** From a configuration, which may be anything, to a complete application. */

import path from "node:path";
import type { z } from "zod";
import { UklError } from "../errors/ukl-error.js";
import type { App, AppBuild } from "./app.js";
import { appSchema } from "./app-schema.js";
import { describeIssue, formatIssue } from "./config-problem.js";

/**
 * Checks a configuration and fills in what it leaves out.
 *
 * @param config what the file exports
 * @param file where it comes from, absolute: for messages, and its directory is what paths are relative to
 * @throws UklError APP_INVALID with all problems at once
 */
export function parseAppConfig(config: unknown, file: string): App {
  const parsed = appSchema.safeParse(config, { error: describeIssue });
  if (!parsed.success) throw invalidConfig(file, parsed.error.issues.map(formatIssue));
  const { source: _source, build: _build, program: _program, memory, license, files, ...rest } = parsed.data;
  const directory = path.dirname(file);
  return {
    ...rest,
    license,
    memoryBytes: memory,
    files: Object.entries(files).map(([guest, name]) => ({ path: guest, file: path.join(directory, name) })),
    build: resolveBuild(parsed.data, directory, file),
  };
}

type ParsedConfig = z.output<typeof appSchema>;

function resolveBuild(config: ParsedConfig, directory: string, file: string): AppBuild {
  const { build, program } = config;
  const source =
    config.source.kind === "directory"
      ? { kind: "directory" as const, path: path.resolve(directory, config.source.path) }
      : config.source;
  if (build.system === "c") {
    if (program !== undefined)
      throw invalidConfig(file, [
        'program has no use when the build system is "c": it is called by the name',
      ]);
    if (source.kind !== "directory")
      throw invalidConfig(file, ['source must be a directory when the build system is "c"']);
    return { ...build, directory: source.path };
  }
  if (program === undefined)
    throw invalidConfig(file, ['program is missing: the path of what "make" builds']);
  return { ...build, source, program };
}

function invalidConfig(file: string, problems: readonly string[]): UklError {
  const [first] = problems;
  return new UklError(
    "APP_INVALID",
    problems.length === 1
      ? `Cannot use "${file}": ${first}`
      : `Cannot use "${file}": ${problems.length} problems\n${problems.map((line) => `  ${line}`).join("\n")}`,
  );
}
