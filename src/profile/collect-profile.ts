// SPDX-License-Identifier: Apache-2.0
/** Runs an application on a kernel that counts its branches, and takes the counts: what a better kernel is made from. */

import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import path from "node:path";
import type { App } from "../config/app.js";
import { UklError } from "../errors/ukl-error.js";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashBytes } from "../host/hash.js";
import { buildGuestProgram, profilePort } from "../image/build-guest-program.js";
import { buildInitramfs } from "../image/initramfs.js";
import { type ImageRequest, prepareImage } from "../image/prepare-image.js";
import { type Kernel, treeName } from "../kernel/build-kernel.js";
import { type KernelProfile, profileFragment } from "../kernel/kernel-profile.js";
import { testApp } from "../vm/test-app.js";
import { parseProfile } from "./parse-profile.js";

export type ProfileRequest = Pick<ImageRequest, "app" | "level" | "series" | "kernelConfig">;

/**
 * Counts during the application's own test, or finds the counts of the same kernel, program and test in the cache.
 *
 * @throws UklError APP_INVALID when there is no test; APP_TEST_FAILED; what builds and machines throw
 */
export async function collectProfile(ctx: Context, request: ProfileRequest): Promise<KernelProfile> {
  const { app } = request;
  requireTest(app);
  const { fragments = app.kernelConfig, ...config } = request.kernelConfig ?? {};
  const counting = { ...request, kernelConfig: { ...config, fragments: [...fragments, profileFragment] } };
  const { kernel, contents, level } = await prepareImage(ctx, counting);
  const entry = await cached(ctx, {
    kind: "profile",
    name: `${app.name}-${level}`,
    inputs: {
      kernel: kernel.key,
      initramfs: hashBytes(buildInitramfs(contents)),
      test: String(app.test),
    },
    title: `Counting the kernel's branches while ${app.name} is tested`,
    build: async (ctx, { directory }) => {
      const starter = await readFile(await buildGuestProgram(ctx, "profile"));
      await testApp(ctx, {
        ...counting,
        memoryMib: Math.ceil(app.memoryBytes / 2 ** 20) + countersMib,
        timeoutMs: app.testSeconds * 1_000 * slowDown,
        observer: {
          starter,
          guestPort: profilePort,
          observe: (_ctx, port) => takeCounts(kernel, port, directory),
        },
      });
    },
  });
  return { path: entry.path, key: entry.key };
}

/** What the counters take of the machine's memory, and the copies that are read. */
const countersMib = 128;

/** Any byte: that of the count's request. */
const request = "?";

/** How much longer a test may take on such a kernel. */
const slowDown = 3;

function requireTest({ name, test }: App): void {
  if (test === undefined)
    throw new UklError("APP_INVALID", `Cannot take a profile of "${name}": its configuration has no test`, {
      hint: "Write one that does what the application mostly does: test: async (vm) => { … }",
    });
}

/** Writes the counts of a running machine to where its objects lay in the kernel's build directory. */
async function takeCounts(kernel: Kernel, port: number, directory: string): Promise<void> {
  const connection = createConnection({ host: "127.0.0.1", port });
  const pieces: Buffer[] = [];
  connection.on("data", (piece) => pieces.push(piece));
  // passt, as Debian 12 has it, completes a connection only when the client sends something.
  connection.write(request);
  await once(connection, "end");
  connection.destroy();
  // Where the kernel was compiled, before it was published.
  const tree = `${path.join(`${kernel.path}.building`, treeName)}/`;
  for (const { path: file, data } of parseProfile(Buffer.concat(pieces))) {
    if (!file.startsWith(tree)) throw new Error(`the profile has a file of another kernel: ${file}`);
    const place = path.join(directory, file.slice(tree.length));
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, data);
  }
}
