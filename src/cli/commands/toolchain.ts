// SPDX-License-Identifier: Apache-2.0
/** `ukl toolchain`: the compiler, and how the build systems are told to use it. */

import { UklError } from "../../errors/ukl-error.js";
import { quoteForShell } from "../../host/format-command.js";
import { buildToolchain, type Toolchain } from "../../toolchain/build-toolchain.js";
import { toolchainEnvironment } from "../../toolchain/toolchain-environment.js";
import { targetTriple } from "../../toolchain/toolchain-places.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { formatTable } from "../format-table.js";

type Flags = { readonly env?: boolean; readonly json?: boolean };

export const command = defineCommand<Flags>({
  description: `The target is ${targetTriple}. What it builds is one static program that runs on this machine as an ordinary process, and
in ring 0 with "ukl run ./PROGRAM". It is the system's own gcc with an unmodified glibc; Clang can be used, too, and the
static libraries (lib*.a) of the distribution can be linked.`,
  flags: {
    env: {
      kind: "boolean",
      brief: 'Print the variables for a shell: eval "$(ukl toolchain --env)"',
      optional: true,
      withNegated: false,
    },
    json: jsonFlag,
  },
  run: async ({ ctx, flags, print }) => {
    if (flags.env === true && flags.json === true)
      throw new UklError("USAGE_INVALID", "Cannot use --env with --json: the JSON has the variables in it");
    const toolchain = await buildToolchain(ctx);
    if (flags.json === true)
      print(JSON.stringify({ ...toolchain, env: toolchainEnvironment(toolchain) }, null, 2));
    else print(flags.env === true ? formatExports(toolchain) : formatUse(toolchain));
  },
});

function formatExports(toolchain: Toolchain): string {
  const variables = Object.entries(toolchainEnvironment(toolchain));
  const lines = variables.map(([name, value]) => `export ${name}=${quoteForShell(value)}`);
  return [...lines, `export PATH=${quoteForShell(toolchain.bin)}:"$PATH"`].join("\n");
}

function formatUse(toolchain: Toolchain): string {
  const { compiler, libc, path, configSite, cmakeFile, mesonFile } = toolchain;
  const [cc, cxx] = [toolchain.cc, toolchain.cxx].map(quoteForShell);
  const [site, cmake, meson] = [configSite, cmakeFile, mesonFile].map(quoteForShell);
  const uses = [
    ["autotools", `CONFIG_SITE=${site} ./configure --host=${targetTriple} && make`],
    ["CMake", `cmake -S . -B build --toolchain ${cmake} && cmake --build build`],
    ["Meson", `meson setup build --cross-file ${meson} && ninja -C build`],
    ["make", `make CC=${cc} CXX=${cxx}`],
    ["a file", `${cc} -O2 -o hello hello.c`],
  ];
  return [
    `${targetTriple}: ${compiler}, glibc ${libc}, in ${path}`,
    "",
    'In this shell:  eval "$(ukl toolchain --env)"',
    "Then build as ever; or each by itself:",
    "",
    formatTable(["BUILD", "COMMAND"], uses),
    "",
    "What was built runs here as it is, and in ring 0 with: ukl run ./PROGRAM",
  ].join("\n");
}
