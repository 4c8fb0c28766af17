// SPDX-License-Identifier: Apache-2.0
/** Builds kernels: ours, and the stock kernel of the same configuration to compare with. */

import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashBytes } from "../host/hash.js";
import { findProgramVersion } from "../host/program-version.js";
import { requireTools } from "../host/require-tools.js";
import { type RequirementId, requirementIds, requirements } from "../host/requirements.js";
import { resolveConfiguration } from "./configuration.js";
import { configureKernel } from "./configure.js";
import { copyBuild } from "./copy-build.js";
import { loadDistributionConfig } from "./distribution-config.js";
import { kbuild } from "./kbuild.js";
import { loadKernelFacts } from "./kernel-facts.js";
import { type KernelProfile, placeProfile, profileFlags } from "./kernel-profile.js";
import { linkSource } from "./link-source.js";
import { moveTree } from "./move-tree.js";
import { type FragmentPart, parseFragment } from "./parse-fragment.js";
import { prepareKernelSource } from "./prepare-source.js";
import { defaultSeries, loadFragments, loadSeries } from "./series.js";

export interface KernelRequest extends KernelConfig {
  /** "6.12"; the newest when absent. */
  readonly series?: string | undefined;
  /** False: the distribution's source without our patches, in the same configuration. */
  readonly ukl: boolean;
}

/** What a kernel has beyond the configuration of its series. */
export interface KernelConfig {
  /** More fragments of kernel/config, after the common ones: "debug". */
  readonly fragments?: readonly string[] | undefined;
  /** One part of a fragment, after those: to see what it is worth. */
  readonly part?: FragmentPart | undefined;
  /** How often its branches were taken, for the compiler. */
  readonly profile?: KernelProfile | undefined;
}

export interface Kernel {
  readonly path: string;
  readonly key: string;
  readonly series: string;
  /** "6.12.117". */
  readonly version: string;
  readonly ukl: boolean;
  /** What was asked for beyond the configuration of its series. */
  readonly fragments: readonly string[];
  /** In addition to kbuild's own; to be given again when it is relinked, or everything is compiled anew. */
  readonly compilerFlags: readonly string[];
  readonly bzImage: string;
  readonly vmlinux: string;
  readonly systemMap: string;
  /** The build directory, complete, for relinking; never to be changed. */
  readonly tree: string;
  readonly source: string;
  /** Of vmlinux, as its GNU build ID: 40 hexadecimal digits. */
  readonly buildId: string;
  /** Where programs call into it when it is not randomised; undefined in a stock kernel. */
  readonly systemCallEntry: bigint | undefined;
  /** The same for the level bypass. */
  readonly fastSystemCallEntry: bigint | undefined;
  /** And for the level shortcut. */
  readonly shortcutSystemCallEntry: bigint | undefined;
}

/**
 * Builds a kernel, or finds it in the cache. An interrupted build goes on where it was.
 *
 * @throws UklError HOST_TOOL_MISSING, SOURCE_*, KERNEL_*
 */
export async function buildKernel(ctx: Context, request: KernelRequest): Promise<Kernel> {
  await requireTools(ctx, requiredIds);
  const series = await loadSeries(request.series ?? defaultSeries);
  const configuration = resolveConfiguration(series, request.ukl, request.fragments ?? []);
  const { part, profile } = request;
  const text = [await loadFragments(configuration.fragments), ...(part?.options ?? [])].join("\n");
  const fragment = parseFragment(text);
  if (fragment.options.includes("CONFIG_KERNEL_ZSTD=y")) await requireTools(ctx, ["zstd"]);
  const compilerFlags = [
    ...[...fragment.compilerFlags, ...(part?.compilerFlags ?? [])],
    ...(profile === undefined ? [] : profileFlags),
  ];
  const start =
    configuration.start === "distribution" ? await loadDistributionConfig(ctx, series) : undefined;
  const source = await prepareKernelSource(ctx, series, request.ukl);
  const special = [...(part === undefined ? [] : ["part"]), ...(profile === undefined ? [] : ["profiled"])];
  const name = [
    ...[series.version, request.ukl ? "ukl" : "stock"],
    ...[...(request.fragments ?? []), ...special],
  ].join("-");
  const whole = part === undefined ? undefined : await buildKernel(ctx, { ...request, part: undefined });
  const entry = await cached(ctx, {
    kind: "kernel",
    name,
    inputs: {
      layout: layoutVersion,
      source: source.key,
      fragment: hashBytes(text),
      ...(compilerFlags.length === 0 ? {} : { compilerFlags }),
      ...(start === undefined ? {} : { start: hashBytes(start) }),
      ...(profile === undefined ? {} : { profile: profile.key }),
      compiler: await findCompilerVersion(ctx),
    },
    title: `Building the kernel ${source.version} (${request.ukl ? "Unikernel Linux" : "stock"})`,
    neededMib: 1_000,
    resumable: whole === undefined,
    build: async (ctx, { directory, path: place, logFile }) => {
      const output = path.join(directory, treeName);
      // Only what the part concerns is compiled anew.
      if (whole !== undefined) await copyBuild(ctx, whole, directory, logFile);
      await mkdir(output, { recursive: true });
      await linkSource(source.path, directory);
      if (profile !== undefined) await placeProfile(profile, directory, output);
      const tree = { source: directory, output, compilerFlags, logFile };
      await configureKernel(ctx, { ...tree, start, fragment: fragment.options.join("\n") });
      await compile(ctx, { ...tree, name, version: source.version });
      await moveTree(output, directory, place);
    },
    verify: async (directory) => {
      // A link: the source may have been removed from the cache.
      await access(path.join(directory, "Makefile"));
      return (await loadKernelFacts(path.join(directory, treeName))).buildId !== "";
    },
  });
  const tree = path.join(entry.path, treeName);
  return {
    path: entry.path,
    key: entry.key,
    series: series.version,
    version: source.version,
    ukl: request.ukl,
    fragments: request.fragments ?? [],
    compilerFlags,
    tree,
    source: source.path,
    ...(await loadKernelFacts(tree)),
  };
}

/** The build directory in an entry of the cache. */
export const treeName = "build";

/** Part of the key: to be raised when entries look different inside. */
const layoutVersion = 2;

const requiredIds = requirementIds.filter((id: RequirementId) =>
  (requirements[id].neededFor as readonly string[]).includes("kernel"),
);

interface CompileRequest {
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly output: string;
  readonly compilerFlags: readonly string[];
  readonly logFile: string;
}

/** What kbuild prints for each thing that it makes: "  CC      kernel/fork.o". */
const stepPattern = /^ {2}[A-Z]/;

async function compile(ctx: Context, request: CompileRequest): Promise<void> {
  const { name, version, source, output, compilerFlags, logFile } = request;
  const stepsFile = path.join(ctx.cacheDir, "kernel", `${name}.steps`);
  const total = Number(await readFile(stepsFile, "utf8").catch(() => "")) || undefined;
  let done = 0;
  const onOutput = (line: string): void => {
    if (stepPattern.test(line)) ctx.log.progress(++done, total);
  };
  try {
    await kbuild(ctx, { source, output, compilerFlags, targets: ["bzImage"], logFile, onOutput });
  } catch (error) {
    throw explainFailure(error, version, logFile);
  }
  // A build that was resumed made only the rest.
  if (done > (total ?? 0)) await writeFile(stepsFile, `${done}\n`);
}

function explainFailure(error: unknown, version: string, logFile: string): unknown {
  if (!(error instanceof UklError) || error.code !== "HOST_COMMAND_FAILED") return error;
  return new UklError("KERNEL_BUILD_FAILED", `Cannot build linux ${version}: ${error.message}`, {
    hint: `Read the log: ${logFile}`,
    cause: error,
  });
}

/** The assembler and linker decide as much as the compiler. */
async function findCompilerVersion(ctx: Context): Promise<string> {
  const versions = await Promise.all(["gcc", "as", "ld"].map((tool) => findProgramVersion(ctx, tool)));
  return versions.join("; ");
}
