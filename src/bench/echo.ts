// SPDX-License-Identifier: Apache-2.0
/**
 * The echo server at each level, and what stock Linux has against the cost of system calls: the same work by io_uring, and by
 * an eBPF program on the sockets.
 */

import { loadRecipe } from "../app/recipes.js";
import type { App } from "../config/app.js";
import { parseAppConfig } from "../config/parse-app-config.js";
import type { Context } from "../host/context.js";
import { packagePath } from "../host/package-path.js";
import { type Application, applicationSuite } from "./application.js";
import { buildUnmodified } from "./build-unmodified.js";
import { prepareApplication } from "./prepare-boot.js";
import type { Suite } from "./suite.js";
import { baseline, comparedLevels, relinked, unmitigated, type Variant } from "./variant.js";

const bpf = { ...baseline, kernelConfig: { fragments: ["bpf"] } } as const;

/** What does the same work in another way, on stock Linux. */
const comparators: readonly { readonly variant: Variant; readonly server: "uring" | "sockmap" }[] = [
  {
    variant: {
      ...baseline,
      name: "io_uring",
      meaning: "stock kernel, an echo server that sends and waits for more by one call of io_uring",
      free: true,
    },
    server: "uring",
  },
  {
    variant: {
      ...bpf,
      name: "eBPF",
      meaning: "stock kernel with BPF, whose program on the sockets sends back what they receive",
      free: true,
    },
    server: "sockmap",
  },
];

export const echo: Application = {
  name: "echo",
  args: [],
  files: async () => [],
  requests: { small: "64 B", large: "1 KiB" },
  loads: { c1: "1 connection", c16: "16 connections" },
  effects: [
    // A thousand NOPs of the client are none of the server's instructions. What may be off is less than could be claimed.
    { operation: "small_nops_c1_all", reference: "small_c1_all", instructions: 1000, tolerance: 60 },
    { operation: "small_nops_c1", reference: "small_c1", instructions: 0, tolerance: 30 },
  ],
  describe: describeServer,
};

/** Without the recipe: at compat the program is another one, of which no profile can be taken. */
const { recipe: _recipe, ...common } = applicationSuite(echo);

export const echoSuite: Suite = {
  ...common,
  baseline,
  references: [
    unmitigated,
    ...comparators.map(({ variant }) => variant),
    { ...bpf, name: "linux, BPF", meaning: "the baseline's program on that kernel with BPF" },
    relinked,
  ],
  levels: comparedLevels,
  prepare: (ctx, variant) => prepareApplication(ctx, echo, variant),
};

async function describeServer(ctx: Context, { name, program }: Variant): Promise<App> {
  const recipe = await loadRecipe(echo.name);
  const comparator = comparators.find(({ variant }) => variant.name === name);
  if (comparator === undefined) return program === "relinked" ? recipe : buildUnmodified(ctx, recipe);
  const { build } = await buildUnmodified(ctx, comparatorProgram);
  return { ...recipe, build, args: [comparator.server, String(recipe.ports[0])] };
}

const comparatorProgram = parseAppConfig(
  {
    name: "echo",
    build: {
      system: "c",
      files: ["main.c", "sockmap.c", "uring.c"],
      flags: ["-std=gnu11", "-Wall", "-Wextra", "-D_GNU_SOURCE"],
      packages: ["liburing-dev"],
      libraries: ["uring"],
    },
  },
  packagePath("userland", "echo", "echo"),
);
