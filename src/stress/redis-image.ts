// SPDX-License-Identifier: Apache-2.0
/** What a guest under stress boots: Redis at a level, and an ordinary shell that starts it and everything else. */

import { loadRecipe } from "../app/recipes.js";
import type { Level } from "../config/level.js";
import type { Context } from "../host/context.js";
import type { GuestMount } from "../image/guest-configuration.js";
import { type GuestFile, type ImageContents, programFile } from "../image/initramfs.js";
import { loadBusybox } from "../image/load-busybox.js";
import { loadPackageProgram } from "../image/load-package-program.js";
import { prepareImage } from "../image/prepare-image.js";
import type { Kernel } from "../kernel/build-kernel.js";

export interface RedisImageRequest {
  readonly level: Level;
  readonly series: string | undefined;
  readonly files: readonly GuestFile[];
  readonly mounts: readonly GuestMount[];
}

export interface RedisImage {
  readonly kernel: Kernel;
  readonly contents: ImageContents;
  /** What the shell has to type. */
  readonly redisCommand: string;
}

export const redisGuestPort = 6379;

/** Builds kernel and programs, or finds them in the cache. */
export async function buildRedisImage(ctx: Context, request: RedisImageRequest): Promise<RedisImage> {
  const { level, series, mounts } = request;
  const recipe = await loadRecipe("redis");
  const compat = level === "compat" ? await loadPackageProgram(ctx, distributionRedis) : undefined;
  const app =
    compat === undefined ? recipe : { ...recipe, build: { system: "prebuilt", file: compat.file } as const };
  const { kernel, contents } = await prepareImage(ctx, {
    ...{ app, level, series, mounts },
    awaitedPorts: [redisGuestPort],
  });
  const { program, args } = contents.configuration;
  return {
    kernel,
    redisCommand: [program, ...args].join(" "),
    contents: {
      ...contents,
      program: await loadBusybox(ctx),
      programPath: shell,
      files: mergeFiles([
        programFile(contents),
        ...contents.files,
        ...(compat?.libraries ?? []),
        ...request.files,
      ]),
      configuration: {
        ...contents.configuration,
        program: shell,
        args: [],
        env: { ...contents.configuration.env, PATH: "/bin:/usr/bin" },
      },
    },
  };
}

const shell = "/bin/sh";
const distributionRedis = { package: "redis-server", path: "/usr/bin/redis-server" };

/** Two programs of the distribution share libraries. */
function mergeFiles(files: readonly GuestFile[]): GuestFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}
