// SPDX-License-Identifier: Apache-2.0
/** Runs an application on a kernel that counts its branches, and takes the counts: what a better kernel is made from. */

import { once } from "node:events";
import { mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import path from "node:path";
import type { App } from "../config/app.js";
import { UklError } from "../errors/ukl-error.js";
import { cached, manifestName } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { hashBytes, hashTree } from "../host/hash.js";
import { buildGuestProgram, profilePort } from "../image/build-guest-program.js";
import { buildInitramfs } from "../image/initramfs.js";
import { type ImageRequest, prepareImage } from "../image/prepare-image.js";
import { type Kernel, treeName } from "../kernel/build-kernel.js";
import { type KernelProfile, profileFragment } from "../kernel/kernel-profile.js";
import { testApp } from "../vm/test-app.js";
import { parseProfile } from "./parse-profile.js";

export type ProfileRequest = Pick<ImageRequest, "app" | "level" | "series" | "kernelConfig" | "files">;

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
  const starter = await readFile(await buildGuestProgram(ctx, "profile"));
  const entry = await cached(ctx, {
    kind: "profile",
    name: `${app.name}-${level}`,
    inputs: {
      kernel: kernel.key,
      initramfs: hashBytes(buildInitramfs({ ...contents, starter })),
      // What the test calls is not seen: ukl cache prune forgets the counts.
      test: String(app.test),
      machine: { cpus: app.cpus, network: app.network ?? "" },
    },
    title: `Counting the kernel's branches while ${app.name} is tested`,
    build: async (ctx, { directory }) => {
      await testApp(ctx, {
        ...counting,
        extraMemoryMib: countersMib,
        timeoutMs: app.testSeconds * 1_000 * slowDown,
        observer: {
          starter,
          guestPort: profilePort,
          observe: (ctx, port) => takeCounts(ctx, kernel, port, directory),
        },
      });
    },
  });
  return { path: entry.path, key: await hashTree(entry.path, { skip: [manifestName] }) };
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
async function takeCounts(ctx: Context, kernel: Kernel, port: number, directory: string): Promise<void> {
  const connection = createConnection({ host: "127.0.0.1", port });
  const pieces: Buffer[] = [];
  connection.on("data", (piece) => pieces.push(piece));
  // passt, as Debian 12 has it, completes a connection only when the client sends something.
  connection.write(request);
  try {
    await once(connection, "end", { signal: ctx.signal });
  } finally {
    connection.destroy();
  }
  // Where the kernel was compiled, before it was published. The compiler knows the place without symbolic links.
  const place = `${await realpath(path.dirname(kernel.path))}/${path.basename(kernel.path)}.building`;
  const tree = `${path.join(place, treeName)}/`;
  for (const { path: file, data } of parseProfile(Buffer.concat(pieces))) {
    if (!file.startsWith(tree)) throw new Error(`the profile has a file of another kernel: ${file}`);
    ctx.signal.throwIfAborted();
    const target = path.join(directory, file.slice(tree.length));
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, data);
  }
}
