// SPDX-License-Identifier: Apache-2.0
/** The distribution's own kernel, as it is built and shipped: what users have. */

import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { UklError } from "../errors/ukl-error.js";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { fetchSource } from "../source/fetch-source.js";
import type { DebianSpec, FetchedSource } from "../source/source-spec.js";
import type { Kernel } from "./build-kernel.js";

export interface DistributionKernel {
  /** "linux-image-6.12-amd64 6.12.117-1~deb12u1". */
  readonly package: string;
  readonly bzImage: string;
  /** The file of its configuration. */
  readonly config: string;
}

/**
 * Fetches the kernel for 64-bit PCs, without a variant, of the same upstream version as one that was built here; where the
 * archive has it no more, the newest of the series. What was fetched stays in its version until the entry is removed.
 *
 * @throws UklError SOURCE_* when the distribution has none of this series
 */
export async function fetchDistributionKernel(
  ctx: Context,
  { series, version }: Pick<Kernel, "series" | "version">,
): Promise<DistributionKernel> {
  const entry = await cached(ctx, {
    kind: "kernel",
    name: `${version}-distribution`,
    inputs: { series, version },
    title: `Fetching the distribution's kernel ${series}`,
    build: async (ctx, { directory }) => {
      const { path: tree, ...source } = await fetchImage(ctx, series, version);
      const boot = path.join(tree, "boot");
      const names = await readdir(boot);
      for (const file of Object.values(files)) {
        const name = names.find((name) => name.startsWith(`${file}-`));
        if (name === undefined) throw new Error(`the package ${source.name} has no /boot/${file}`);
        await copyFile(path.join(boot, name), path.join(directory, file));
      }
      const record: z.infer<typeof recordSchema> = { package: `${source.name} ${source.version}` };
      await writeFile(path.join(directory, recordName), `${JSON.stringify(record)}\n`);
    },
  });
  const record = JSON.parse(await readFile(path.join(entry.path, recordName), "utf8")) as unknown;
  return {
    ...recordSchema.parse(record),
    bzImage: path.join(entry.path, files.bzImage),
    config: path.join(entry.path, files.config),
  };
}

/** In /boot, where the version follows the name. */
const files = { bzImage: "vmlinuz", config: "config" } as const;

const recordName = "package.json";
const recordSchema = z.object({ package: z.string() });

/**
 * The package without a file of its own that depends on the newest kernel: its name does not change from version to
 * version. A series that is not the release's own has its number in it.
 */
async function fetchImage(ctx: Context, series: string, version: string): Promise<FetchedSource> {
  const specs = [version, series].flatMap((wanted) =>
    [`linux-image-${series}-amd64`, "linux-image-amd64"].map((name): DebianSpec => {
      return { kind: "debian-binary", package: name, version: wanted, dependencies: true };
    }),
  );
  for (const [index, spec] of specs.entries()) {
    try {
      return await fetchSource(ctx, spec);
    } catch (error) {
      const absent = error instanceof UklError && error.code === "SOURCE_NOT_FOUND";
      if (!absent || index === specs.length - 1) throw error;
    }
  }
  throw new Error("there is no package to look for");
}
