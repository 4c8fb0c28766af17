// SPDX-License-Identifier: Apache-2.0
/** Where the instructions of a request are: which parts of the kernel, and how many are the server's own. */

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { type Context, withLog } from "../host/context.js";
import { createTemporaryDirectory } from "../host/temporary-directory.js";
import type { Application } from "./application.js";
import { buildPlugin } from "./build-plugin.js";
import { loadEntryText, loadKernelFunctions, taskSwitch } from "./kernel-areas.js";
import { prepareApplication } from "./prepare-boot.js";
import { type CountedBoot, runCounted } from "./run-counted.js";
import { parseServerProfile, type ServerProfile } from "./server-profile.js";
import type { Variant } from "./variant.js";

/**
 * Boots a variant once, with seed 1, and without a random place of the kernel.
 *
 * @param request of the application's
 * @throws UklError USAGE_INVALID for an unknown request; what builds and boots throw
 */
export async function profileServer(
  ctx: Context,
  application: Application,
  variant: Variant,
  request: string,
): Promise<ServerProfile> {
  requireRequest(application, request);
  const boot = await prepareApplication(ctx, application, variant, request);
  const plugin = await buildPlugin(ctx);
  const functions = await loadKernelFunctions(boot.kernel);
  await using directory = await createTemporaryDirectory("profile");
  const [addresses, output] = [path.join(directory.path, "functions"), path.join(directory.path, "profile")];
  await writeFile(addresses, functions.map(({ address }) => `${address.toString(16)}\n`).join(""));
  const switchAddress = functions.find(({ name }) => name === taskSwitch)?.address;
  const { start, end } = await loadEntryText(boot.kernel);
  const title = `${application.name} at ${variant.name}`;
  const counted: CountedBoot = {
    ...boot,
    ...{ title, seed: 1 },
    kernelArguments: [...boot.kernelArguments, "nokaslr"],
    plugin: [
      ...[plugin, `functions=${addresses}`, `switch=${switchAddress?.toString(16)}`],
      ...[`entry=${start.toString(16)}:${end.toString(16)}`, `output=${output}`],
    ].join(","),
  };
  const text = await ctx.log.step(`Profiling ${title}`, (log) => runCounted(withLog(ctx, log), counted));
  const requests = countRequests(text, `${request}_${Object.keys(application.loads)[0]}`);
  return {
    variant: variant.name,
    requests,
    ...parseServerProfile(await readFile(output, "utf8"), functions, requests),
  };
}

function requireRequest({ name, requests }: Application, request: string): void {
  if (Object.hasOwn(requests, request)) return;
  throw new UklError("USAGE_INVALID", `Cannot profile the request "${request}" of ${name}: there is none`, {
    hint: `Choose one of: ${Object.keys(requests).join(", ")}`,
  });
}

/** How often the client made a request, from its line of counts: "count NAME REQUESTS REGION REGION …" */
export function countRequests(output: string, name: string): number {
  const line = output.split("\n").find((line) => line.startsWith(`count ${name} `)) ?? "";
  const [, , each, ...regions] = line.split(" ");
  return Number(each) * regions.length;
}
