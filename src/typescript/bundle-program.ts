// SPDX-License-Identifier: Apache-2.0
/** Puts a TypeScript program, what it imports, and the modules of the guest together into one module. */

import { existsSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import type { BuildFailure, BuildOptions, Message, Plugin } from "esbuild";
import { UklError } from "../errors/ukl-error.js";
import { explainBuiltin, guestModules, guestModulesDirectory } from "./guest-modules.js";

export interface Bundle {
  /** One module in JavaScript that imports only what is written in C. */
  readonly code: string;
  /** As JSON: the sources' names, and the places in them. */
  readonly sourceMap: string;
  /** What is allowed, and yet hardly meant. */
  readonly warnings: readonly string[];
}

/**
 * Bundles a program.
 *
 * @param directory what names in messages and stack traces are relative to, absolute
 * @param file relative to the directory
 * @throws UklError APP_INVALID when there is no such file, APP_BUILD_FAILED with every error's file, line and column
 */
export async function bundleProgram(directory: string, file: string): Promise<Bundle> {
  if (!existsSync(path.resolve(directory, file)))
    throw new UklError("APP_INVALID", `Cannot compile "${file}": it is not in "${directory}"`, {
      hint: 'Correct "program" in its configuration',
    });
  // Loaded here, because most commands compile no TypeScript; it starts a program of its own.
  const { build } = await import("esbuild");
  try {
    const { outputFiles, warnings } = await build(bundleOptions(directory, file));
    const [map, code] = outputFiles;
    if (map === undefined || code === undefined) throw new Error("esbuild left no bundle");
    return {
      code: code.text,
      sourceMap: shortenMap(map.text, directory),
      warnings: warnings.map(describeMessage),
    };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    throw describeFailure(file, error.errors);
  }
}

/** What it is called in the stacks that QuickJS makes; userland/typescript/source-map.ts looks for it. */
export const bundleName = "program.js";

/** What is written in C: QuickJS's own modules by names of ours, and ours. */
export const nativeModules = {
  "quickjs:os": "os",
  "quickjs:std": "std",
  "ukl:native": "ukl_native",
} as const;

function bundleOptions(directory: string, file: string) {
  const entry = path.resolve(directory, file);
  return {
    stdin: {
      contents: `import "ukl:globals";\nimport ${JSON.stringify(entry)};\n`,
      resolveDir: directory,
      sourcefile: "ukl:start",
    },
    absWorkingDir: directory,
    outfile: path.join(directory, bundleName),
    bundle: true,
    write: false,
    format: "esm",
    // What QuickJS knows; what is newer is translated, such as "using".
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    external: Object.keys(nativeModules),
    sourcemap: "external",
    sourcesContent: false,
    charset: "utf8",
    logLevel: "silent",
    plugins: [guestPlugin(entry)],
  } satisfies BuildOptions;
}

function guestPlugin(entry: string): Plugin {
  const known = new Set<string>(guestModules);
  return {
    name: "ukl",
    setup(build) {
      build.onResolve({ filter: /^ukl:/ }, ({ path: name, importer }) => {
        if (name === "ukl:globals" && importer !== entry) return { path: fileOf(name) };
        if (known.has(name)) return { path: fileOf(name), sideEffects: false };
        if (name in nativeModules && path.dirname(importer) === guestModulesDirectory) return undefined;
        return { errors: [{ text: `There is no "${name}"; there are ${guestModules.join(", ")}` }] };
      });
      build.onResolve({ filter: /./ }, ({ path: name, kind }) => {
        const reason = kind === "entry-point" || !isBuiltin(name) ? undefined : explainBuiltin(name);
        return reason === undefined ? undefined : { errors: [{ text: reason }] };
      });
    },
  };
}

/** "ukl:http" → …/http.ts. */
function fileOf(name: string): string {
  return path.join(guestModulesDirectory, `${name.slice("ukl:".length)}.ts`);
}

/** Where this package lies is not the program's business: its files get the names of modules. */
function shortenMap(text: string, directory: string): string {
  const { sources, mappings } = JSON.parse(text) as { readonly sources: string[]; readonly mappings: string };
  const names = sources.map((source) => {
    const file = path.resolve(directory, source);
    return path.dirname(file) === guestModulesDirectory ? `ukl:${path.parse(file).name}` : source;
  });
  return JSON.stringify({ sources: names, mappings });
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

function describeFailure(file: string, errors: readonly Message[]): UklError {
  return new UklError(
    "APP_BUILD_FAILED",
    [`Cannot compile "${file}"`, ...errors.map(describeMessage)].join("\n"),
  );
}

/** As a compiler does it: the place, the reason, the line, and a mark below the column. */
function describeMessage({ text, location }: Message): string {
  if (location === null) return text;
  const { file, line, column, lineText, length } = location;
  // Tabs stay, so that the mark stands where it shall.
  const margin = lineText.slice(0, column).replaceAll(/[^\t]/g, " ");
  const mark = `${margin}${"^".repeat(Math.max(1, Math.min(length, lineText.length - column)))}`;
  return `${file}:${line}:${column + 1}: ${text}\n    ${lineText}\n    ${mark}`;
}
