// SPDX-License-Identifier: Apache-2.0
/** From a configuration, which may be anything, to a complete application. */

import path from "node:path";
import type { z } from "zod";
import { UklError } from "../errors/ukl-error.js";
import type { DirectorySpec } from "../source/source-spec.js";
import type { App, AppBuild } from "./app.js";
import { appSchema } from "./app-schema.js";
import { type ConfigProblem, describeIssue, formatProblem, listProblems } from "./config-problem.js";
import { findConfigLine } from "./find-config-line.js";

/**
 * Checks a configuration and fills in what it leaves out.
 *
 * @param config what the file exports
 * @param file where it comes from, absolute: for messages, and its directory is what paths are relative to
 * @param text what the file says, for the line of each problem
 * @throws UklError APP_INVALID with all problems at once
 */
export function parseAppConfig(config: unknown, file: string, text?: string): App {
  const parsed = appSchema.safeParse(config, { error: describeIssue });
  const problems = parsed.success ? findContradictions(parsed.data) : listProblems(parsed.error.issues);
  if (!parsed.success || problems.length > 0) throw invalidConfig(file, text, problems);
  const { name, summary, license, args, defaultArgs, env, cwd, ports, udpPorts, cpus } = parsed.data;
  const { build, memory, level, files, certificates, volumes, disks, clients, testSeconds, test } =
    parsed.data;
  const { programPath, modules, user, setup, shell, kernelConfig, network } = parsed.data;
  const resolve: Resolve = (name) => path.resolve(path.dirname(file), name);
  return {
    ...{
      name,
      summary,
      license,
      args,
      defaultArgs,
      env,
      cwd,
      ports,
      udpPorts,
      cpus,
      clients,
      testSeconds,
      test,
    },
    build: resolveBuild(parsed.data, resolve),
    ...{ programPath, shell, kernelConfig, network },
    modules: Object.entries(modules).map(([path, file]) => ({ path, file })),
    user: user && { name: user.name, id: user.id },
    setup: setup.map(({ command, unless }) => ({ command, unless })),
    memoryBytes: memory,
    level: level ?? (build.system === "prebuilt" ? "compat" : "base"),
    files: Object.entries(files).map(([guest, name]) => ({ path: guest, file: resolve(name) })),
    certificates: Object.entries(certificates).map(([guest, host]) => ({ path: guest, host })),
    volumes: volumes.map(({ path, source, readOnly }) => ({
      ...{ path, readOnly },
      directory: source === undefined ? undefined : resolve(source),
    })),
    disks: disks.map(({ path, source, readOnly }) => ({ path, readOnly, image: resolve(source) })),
  };
}

/** The file that makes a directory an application. */
export const configName = "ukl.config.ts";

type Resolve = (name: string) => string;

type ParsedConfig = z.output<typeof appSchema>;

/** What is wrong although each part for itself is right. */
function findContradictions({ build, program, source, modules }: ParsedConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (build.system === "c" && program !== undefined)
    problems.push({
      path: ["program"],
      message: 'has no use when the build system is "c": it is called by the name',
    });
  if (build.system !== "c" && program === undefined)
    problems.push({ path: ["program"], message: `is missing: ${programMeaning[build.system]}` });
  if (build.system === "prebuilt" && source.kind !== "directory")
    problems.push({
      path: ["source"],
      message: 'must be a directory when the build system is "prebuilt"',
    });
  const linksNothing = build.system === "prebuilt" || build.system === "typescript";
  if (linksNothing && Object.keys(modules).length > 0)
    problems.push({ path: ["modules"], message: `must be linked, which "${build.system}" does not` });
  return problems;
}

const programMeaning = {
  make: 'the path of what "make" builds',
  configure: 'the path of what "make" builds',
  cmake: 'the path of what "cmake" builds, relative to its build directory',
  meson: 'the path of what "meson" builds, relative to its build directory',
  typescript: "the path of the TypeScript file",
  prebuilt: "the path of the program",
} as const satisfies Record<Exclude<ParsedConfig["build"]["system"], "c">, string>;

function resolveBuild(config: ParsedConfig, resolve: Resolve): AppBuild {
  const { build, program = "" } = config;
  const source = config.source.kind === "directory" ? resolveDirectory(config, resolve) : config.source;
  if (build.system === "c") return { ...build, source };
  if (build.system === "typescript") return { ...build, source, file: program };
  if (build.system === "prebuilt")
    return { system: "prebuilt", file: path.join(source.kind === "directory" ? source.path : "", program) };
  return { options: [], variables: {}, ...build, source, program };
}

/** What is kept there for running it is not what it is built from. */
function resolveDirectory(config: ParsedConfig, resolve: Resolve): DirectorySpec {
  const { source, name, volumes, disks } = config;
  const { path: place, except = [] } = source as DirectorySpec;
  const directory = resolve(place);
  const storage = [...volumes, ...disks].flatMap(({ source }) => source ?? []);
  const kept = [configName, `${name}.bzimage`, ...storage];
  const below = kept.map((file) => path.relative(directory, resolve(file)));
  const inside = below.filter((file) => file !== "" && !file.startsWith(".."));
  return { kind: "directory", path: directory, except: [...except, ...inside] };
}

const hint = "All that there is to configure: ukl config schema";

function invalidConfig(file: string, text: string | undefined, problems: readonly ConfigProblem[]): UklError {
  const placed = problems.map((problem) => ({
    line: text === undefined ? undefined : findConfigLine(text, problem.path),
    words: formatProblem(problem),
  }));
  placed.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const [first] = placed;
  if (first !== undefined && placed.length === 1) {
    const place = first.line === undefined ? file : `${file}:${first.line}`;
    return new UklError("APP_INVALID", `Cannot use "${place}": ${first.words}`, { hint });
  }
  const lines = placed.map(({ line, words }) =>
    line === undefined ? `  ${words}` : `  ${file}:${line}: ${words}`,
  );
  return new UklError(
    "APP_INVALID",
    `Cannot use "${file}": ${problems.length} problems\n${lines.join("\n")}`,
    { hint },
  );
}
