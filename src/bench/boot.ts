// SPDX-License-Identifier: Apache-2.0
/** The suite of the way from power-on to the program, and how large and how hungry an image is. */

import { stat } from "node:fs/promises";
import type { Context } from "../host/context.js";
import { mapParallel } from "../host/map-parallel.js";
import type { Kernel } from "../kernel/build-kernel.js";
import { hasOption } from "../kernel/kernel-facts.js";
import { timerArgument } from "../vm/level-arguments.js";
import { findLeastMemory } from "./find-least-memory.js";
import { parseBoot } from "./parse-boot.js";
import type { PreparedBoot } from "./prepare-boot.js";
import { prepareFirstAnswer, prepareHello } from "./prepare-image-boot.js";
import { redis } from "./redis.js";
import { runCounted } from "./run-counted.js";
import type { BenchHardware } from "./run-guest.js";
import type { Quantity, Suite } from "./suite.js";
import { baseline, type Variant, variantOf } from "./variant.js";

export const bootSuite: Suite = {
  name: "boot",
  unit: "since power-on, firmware included",
  operations: [{ name: "main", title: "power-on to main() of a hello program" }],
  effects: [{ operation: "after_nops", reference: "main", instructions: 1000, tolerance: 10 }],
  baseline: {
    ...baseline,
    meaning: "stock kernel of the same configuration, the program in its built-in initramfs",
  },
  references: [
    {
      ...baseline,
      name: "nokaslr",
      kernelArguments: ["nokaslr"],
      meaning:
        "the same without a random place for the kernel, which an image of Unikernel Linux has none of",
      free: true,
    },
    {
      ...baseline,
      name: "noapictimer",
      kernelArguments: ["noapictimer"],
      meaning: "the same without the local APIC's timer: what its calibration takes is what it has less",
      alsoConfigured: true,
    },
    {
      ...variantOf("base"),
      name: "base, timer known",
      kernelArguments: [timerArgument],
      meaning: "as base, and told the timer's frequency, as every machine that ukl makes is",
      alsoConfigured: true,
    },
  ],
  levels: ["base"],
  prepare: prepareHello,
  parse: parseBoot,
  measure: measureImages,
};

/** Which layouts a machine with little memory has to survive. */
const memorySeeds = [1, 2, 3];

const quantities: readonly {
  readonly title: string;
  readonly unit: string;
  readonly find: (ctx: Context, images: Images) => Promise<number | null>;
}[] = [
  {
    title: "power-on to Redis' first answer to a client in the guest, seed 1",
    unit: "instructions",
    find: (ctx, { server, hardware }) =>
      server === undefined ? noServer : countFirstAnswer(ctx, server, hardware),
  },
  {
    title: "image of the hello program",
    unit: "bytes",
    find: async (_ctx, { hello }) => (await stat(hello.file)).size,
  },
  {
    title: "image of Redis and that client",
    unit: "bytes",
    find: async (_ctx, { server }) => (server === undefined ? null : (await stat(server.file)).size),
  },
  {
    title: `least memory for the hello program, seeds ${memorySeeds.join(" ")}`,
    unit: "MiB",
    find: (ctx, { hello, hardware }) =>
      findLeastMemory(ctx, { title: "hello", boot: hello, seeds: memorySeeds, ...hardware }),
  },
  {
    title: `least memory for Redis to answer, seeds ${memorySeeds.join(" ")}`,
    unit: "MiB",
    find: (ctx, { server, hardware }) =>
      server === undefined
        ? noServer
        : findLeastMemory(ctx, { title: "redis", boot: server, seeds: memorySeeds, ...hardware }),
  },
];

interface Images {
  readonly hardware: BenchHardware;
  readonly hello: PreparedBoot;
  /** Undefined where the kernel has no TCP. */
  readonly server: PreparedBoot | undefined;
}

const noServer = Promise.resolve(null);

/** Of the baseline and the levels: the references have the baseline's images. */
async function measureImages(
  ctx: Context,
  variants: readonly Variant[],
  hardware: BenchHardware,
): Promise<Quantity[]> {
  const different = variants.filter(({ kernelArguments }) => kernelArguments.length === 0);
  const images: Images[] = [];
  for (const variant of different) images.push(await prepareImages(ctx, variant, hardware));
  const jobs = quantities.flatMap(({ find }) => images.map((image) => ({ find, image })));
  const values = await mapParallel(jobs, async ({ find, image }) => ({
    variant: image.hello.variant.name,
    value: await find(ctx, image),
  }));
  return quantities.map(({ title, unit }) => ({ title, unit, values: values.splice(0, images.length) }));
}

async function prepareImages(ctx: Context, variant: Variant, hardware: BenchHardware): Promise<Images> {
  const hello = await prepareHello(ctx, variant);
  const server = (await hasTcp(hello.kernel)) ? await prepareFirstAnswer(ctx, redis, variant) : undefined;
  return { hardware, hello, server };
}

async function hasTcp({ tree }: Kernel): Promise<boolean> {
  return hasOption(tree, "CONFIG_INET");
}

async function countFirstAnswer(
  ctx: Context,
  server: PreparedBoot,
  hardware: BenchHardware,
): Promise<number> {
  const title = `Redis' first answer at ${server.variant.name}`;
  const output = await runCounted(ctx, { ...server, title, seed: 1, ...hardware });
  const count = parseBoot(output, title).operations.get("answered");
  if (count === undefined) throw new Error("the client does not say when it was answered");
  return count;
}
