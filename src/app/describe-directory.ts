// SPDX-License-Identifier: Apache-2.0
/** Looks at a directory for what can be built there, without running any of it. */

import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { BuildConfig } from "../config/build-config.js";
import { UklError } from "../errors/ukl-error.js";
import { hasRequirement } from "../host/requirements.js";
import { explainSystemError, isSystemError } from "../host/system-error.js";
import { applicationName } from "./application-name.js";
import { buildSystems } from "./build-steps.js";
import { checkProgram } from "./check-program.js";
import { findMakePrograms } from "./find-make-programs.js";
import { readSources, type SourceTraits } from "./source-traits.js";

export interface DirectoryDescription {
  /** Absolute. */
  readonly directory: string;
  /** A name for the application. */
  readonly name: string;
  /** The ways to build it, the likeliest first. */
  readonly builds: readonly BuildFinding[];
  /** The ports that its sources mention. */
  readonly ports: readonly number[];
  /** What looked like a program, and why it is none: one sentence each. */
  readonly rejected: readonly string[];
}

export interface BuildFinding {
  /** As "the Makefile". */
  readonly what: string;
  readonly build: BuildConfig;
  /** What it builds, the likeliest first; empty when that cannot be seen, undefined when it goes by the name. */
  readonly programs: readonly string[] | undefined;
}

/** @throws UklError APP_NOT_FOUND when there is no such directory */
export async function describeDirectory(directory: string): Promise<DirectoryDescription> {
  const names = await listNames(directory);
  const sources = await readSources(directory, names);
  const programs = await findPrograms(directory, names);
  const described = [
    ...(await findConfigure(directory, names)),
    ...(await findMake(directory, names)),
    ...(await findCmake(directory, names)),
    ...(await findMeson(directory, names)),
  ];
  const usable = await Promise.all(described.map(isInstalled));
  const installed = described.filter((_, index) => usable[index]);
  const others = described.filter((_, index) => !usable[index]);
  // What a makefile compiles, and what it has left, is no choice beside it.
  const plain =
    installed.length === 0 ? [...findC(sources), ...findTypeScript(sources), ...programs.found] : [];
  return {
    directory: path.resolve(directory),
    name: applicationName(path.resolve(directory)),
    builds: [...installed, ...plain, ...others],
    ports: sources.ports,
    rejected: [...programs.rejected, ...findMainless(sources)],
  };
}

/** The error for a directory that has nothing. */
export function nothingToBuild({ directory, rejected }: DirectoryDescription): UklError {
  const reason =
    rejected.length === 0 ? "there is nothing to build in it" : `it has no program: ${rejected.join("; ")}`;
  return new UklError("APP_INVALID", `Cannot run "${directory}": ${reason}`, {
    hint: "It needs a Makefile, configure, CMakeLists.txt, meson.build, C, C++ or TypeScript files, or a program for x86-64",
  });
}

async function listNames(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTDIR")) throw explainSystemError(error, `read "${directory}"`);
    const state = error.code === "ENOENT" ? "there is no such directory" : "it is not a directory";
    throw new UklError("APP_NOT_FOUND", `Cannot look at "${directory}": ${state}`);
  }
}

async function findConfigure(directory: string, names: readonly string[]): Promise<BuildFinding[]> {
  if (!names.includes("configure")) return [];
  // What automake writes names its programs.
  const makefiles = names.filter((name) => /^Makefile\.(in|am)$/.test(name));
  const texts = await Promise.all(makefiles.map((name) => readFile(path.join(directory, name), "utf8")));
  const lists = texts.join("\n").matchAll(/^s?bin_PROGRAMS\s*=\s*(.*)$/gm);
  const programs = [...lists].flatMap(([, list = ""]) =>
    list.split(/\s+/).map((word) => word.split("$")[0] ?? ""),
  );
  return [
    {
      what: "the configure script",
      build: { system: "configure" },
      programs: [...new Set(programs.filter((program) => /^[\w./-]+$/.test(program)))],
    },
  ];
}

async function findMake(directory: string, names: readonly string[]): Promise<BuildFinding[]> {
  const name = ["GNUmakefile", "makefile", "Makefile"].find((name) => names.includes(name));
  // One that configure or cmake has written, or that only calls cmake, is not where the build is described.
  if (name === undefined || names.includes(`${name}.in`)) return [];
  const text = await readFile(path.join(directory, name), "utf8");
  if (/^#.*(CMAKE|automake)|^\t.*\b(cmake|meson)\b/im.test(text)) return [];
  return [
    {
      what: `the ${name}`,
      build: { system: "make" },
      programs: findMakePrograms(text, path.basename(path.resolve(directory))),
    },
  ];
}

async function findCmake(directory: string, names: readonly string[]): Promise<BuildFinding[]> {
  const { description } = buildSystems.cmake;
  if (!names.includes(description)) return [];
  const programs = await findDeclared(
    directory,
    description,
    /^\s*add_executable\s*\(\s*([\w.+-]+)(?!.*\bIMPORTED\b)/gim,
  );
  return [{ what: description, build: { system: "cmake" }, programs }];
}

async function findMeson(directory: string, names: readonly string[]): Promise<BuildFinding[]> {
  const { description } = buildSystems.meson;
  if (!names.includes(description)) return [];
  const programs = await findDeclared(directory, description, /\bexecutable\s*\(\s*'([\w.+-]+)'/g);
  return [{ what: description, build: { system: "meson" }, programs }];
}

/** The programs that a description declares, here or one directory further in, where most keep their sources. */
async function findDeclared(directory: string, description: string, pattern: RegExp): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const places = [
    "",
    ...entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort(),
  ];
  const found = await Promise.all(
    places.map(async (place) => {
      const text = await readFile(path.join(directory, place, description), "utf8").catch(() => "");
      return [...text.matchAll(pattern)].map(([, name = ""]) => path.join(place, name));
    }),
  );
  return found.flat();
}

/** Every file with a main is a program; the others belong to each of them. */
function findC({ files, libraries }: SourceTraits): BuildFinding[] {
  const others = files.filter(({ hasMain }) => !hasMain).map(({ name }) => name);
  return files
    .filter(({ hasMain }) => hasMain)
    .map(({ name }) => ({
      what: [name, ...others].join(", "),
      build: { system: "c", files: [name, ...others], ...(libraries.length === 0 ? {} : { libraries }) },
      programs: undefined,
    }));
}

/** Of files of which none has a main. */
function findMainless({ files }: SourceTraits): string[] {
  return files.some(({ hasMain }) => hasMain) ? [] : files.map(({ name }) => `"${name}": it has no main()`);
}

function findTypeScript({ entries }: SourceTraits): BuildFinding[] {
  return entries.map((name) => ({ what: name, build: { system: "typescript" }, programs: [name] }));
}

async function findPrograms(
  directory: string,
  names: readonly string[],
): Promise<{ found: BuildFinding[]; rejected: string[] }> {
  const found: BuildFinding[] = [];
  const rejected: string[] = [];
  for (const name of names) {
    const status = await stat(path.join(directory, name)).catch(() => undefined);
    if (status?.isFile() !== true || (status.mode & 0o111) === 0 || name === "configure") continue;
    try {
      await checkProgram(path.join(directory, name));
      found.push({ what: `the program ${name}`, build: { system: "prebuilt" }, programs: [name] });
    } catch (error) {
      if (!(error instanceof UklError)) throw error;
      rejected.push(`"${name}": ${error.message.replace(/^Cannot .*?"( as a program)?: /, "")}`);
    }
  }
  return { found, rejected };
}

async function isInstalled({ build: { system } }: BuildFinding): Promise<boolean> {
  if (system === "c" || system === "typescript" || system === "prebuilt") return true;
  return (await Promise.all(buildSystems[system].tools.map(hasRequirement))).every(Boolean);
}
