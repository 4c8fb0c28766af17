// SPDX-License-Identifier: Apache-2.0
/** The commands that build a source, by its build system. */

import { availableParallelism } from "node:os";
import path from "node:path";
import type { SourceBuild } from "../config/app.js";
import type { Environment } from "../host/environment.js";
import { quoteForShell } from "../host/format-command.js";
import type { RequirementId } from "../host/requirements.js";
import { toolchainEnvironment } from "../toolchain/toolchain-environment.js";
import type { ToolchainPlaces } from "../toolchain/toolchain-places.js";

export type BuildSystem = SourceBuild["system"];

export interface BuildStep {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  /** The step is left out when this file is there, which it made. */
  readonly makes?: string;
}

export interface BuildPlace {
  /** The application's name, which stands for the place in debug information. */
  readonly name: string;
  /** The source, absolute. */
  readonly source: string;
  /** Where it is built: the source itself, or a directory beside it. */
  readonly output: string;
  /** What the compiler is told besides: where other packages are, and modules. */
  readonly flags: readonly string[];
}

export interface BuildSystemRules {
  readonly tools: readonly RequirementId[];
  /** Builds among its source, which therefore has to be a copy. */
  readonly inPlace: boolean;
  /** Its description of the build, relative to the build's directory. */
  readonly description: string;
  readonly steps: (build: SourceBuild, place: BuildPlace, toolchain: ToolchainPlaces) => readonly BuildStep[];
  /** What puts the result below the directory `root`, after these. */
  readonly installStep: (build: SourceBuild, place: BuildPlace, root: string) => BuildStep;
}

/** What there is to know of each build system. */
export const buildSystems: Readonly<Record<BuildSystem, BuildSystemRules>> = {
  make: {
    tools: ["make"],
    inPlace: true,
    description: "Makefile",
    steps: (build, place, toolchain) => {
      const { CC, CXX, PKG_CONFIG } = buildEnvironment(place, toolchain);
      return [makeStep(build, place, { PKG_CONFIG }, [`CC=${CC}`, `CXX=${CXX}`])];
    },
    installStep: makeInstallStep,
  },
  configure: {
    tools: ["make"],
    inPlace: true,
    description: "configure",
    steps: (build, place, toolchain) => [
      ...(build.autoreconf === true ? [autoreconfStep(build, place)] : []),
      {
        file: "./configure",
        args: build.options,
        cwd: path.join(place.source, build.directory),
        env: buildEnvironment(place, toolchain),
        makes: "Makefile",
      },
      makeStep(build, place, {}, []),
    ],
    installStep: makeInstallStep,
  },
  cmake: {
    tools: ["cmake", "make"],
    inPlace: false,
    description: "CMakeLists.txt",
    steps: (build, place, { cmakeFile }) => [
      {
        file: "cmake",
        args: [
          ...["-S", path.join(place.source, build.directory), "-B", place.output, "-G", "Unix Makefiles"],
          ...[`-DCMAKE_TOOLCHAIN_FILE=${cmakeFile}`, "-DCMAKE_BUILD_TYPE=RelWithDebInfo"],
          ...build.options,
        ],
        cwd: place.output,
        env: { ...reproducible, CFLAGS: compilerFlags(place), CXXFLAGS: compilerFlags(place) },
      },
      {
        file: "cmake",
        args: [
          ...["--build", place.output, "--parallel", jobs],
          ...build.targets.flatMap((target) => ["--target", target]),
        ],
        cwd: place.output,
        env: reproducible,
      },
    ],
    installStep: (_build, { output }, root) => ({
      file: "cmake",
      args: ["--install", output],
      cwd: output,
      env: { ...reproducible, DESTDIR: root },
    }),
  },
  meson: {
    tools: ["meson", "ninja"],
    inPlace: false,
    description: "meson.build",
    steps: (build, place, { mesonFile }) => [
      {
        file: "meson",
        args: [
          ...["setup", `--cross-file=${mesonFile}`, "--buildtype=debugoptimized", ...mesonFlags(place)],
          ...build.options,
          ...[place.output, path.join(place.source, build.directory)],
        ],
        cwd: place.output,
        env: reproducible,
        makes: "build.ninja",
      },
      {
        file: "ninja",
        args: ["-C", place.output, "-j", jobs, ...build.targets],
        cwd: place.output,
        env: reproducible,
      },
    ],
    installStep: (_build, { output }, root) => ({
      file: "ninja",
      args: ["-C", output, "install"],
      cwd: output,
      env: { ...reproducible, DESTDIR: root },
    }),
  },
};

const jobs = String(availableParallelism());

/** What a program says of its build's time must not depend on it. */
const reproducible = { SOURCE_DATE_EPOCH: "0" };

/** The commands with our flags in them, because a makefile's own CFLAGS must stay. */
function buildEnvironment(place: BuildPlace, toolchain: ToolchainPlaces) {
  const environment = toolchainEnvironment(toolchain);
  const withFlags = (command: string): string => `${quoteForShell(command)} ${compilerFlags(place)}`;
  return {
    ...reproducible,
    ...environment,
    CC: withFlags(environment.CC),
    CXX: withFlags(environment.CXX),
  };
}

/** A cross build takes no flags from the environment. */
function mesonFlags(place: BuildPlace): string[] {
  return ["c_args", "cpp_args", "c_link_args", "cpp_link_args"].map(
    (option) => `-D${option}=${compilerFlags(place)}`,
  );
}

/**
 * What the compiler needs besides the build's own flags, among it what makes debug information independent of where the
 * source lies and is built; quoted, because that is the user's choice.
 */
function compilerFlags({ source, output, name, flags }: BuildPlace): string {
  const places = [...new Set([source, output])];
  const pathMap = places.map(
    (place, index) => `-ffile-prefix-map=${place}=/usr/src/${name}${index === 0 ? "" : "/build"}`,
  );
  return [...pathMap, ...flags].map(quoteForShell).join(" ");
}

function autoreconfStep(build: SourceBuild, place: BuildPlace): BuildStep {
  const cwd = path.join(place.source, build.directory);
  return { file: "autoreconf", args: ["--force", "--install"], cwd, env: reproducible, makes: "Makefile" };
}

function makeStep(
  build: SourceBuild,
  place: BuildPlace,
  env: Environment,
  compilers: readonly string[],
): BuildStep {
  const variables = Object.entries(build.variables).map(([variable, value]) => `${variable}=${value}`);
  return {
    file: "make",
    args: [`-j${jobs}`, ...build.targets, ...compilers, ...variables],
    cwd: path.join(place.source, build.directory),
    env: { ...reproducible, ...env },
  };
}

function makeInstallStep(build: SourceBuild, place: BuildPlace, root: string): BuildStep {
  const step = makeStep({ ...build, targets: ["install"] }, place, {}, []);
  return { ...step, args: [...step.args, `DESTDIR=${root}`] };
}
