// SPDX-License-Identifier: Apache-2.0
/** Where the instructions of a request are: which parts of the kernel, and how many are the server's own. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import type { Application } from "./application.js";
import { buildPlugin } from "./build-plugin.js";
import { type KernelFunction, loadEntryText, loadKernelFunctions, taskSwitch } from "./kernel-areas.js";
import { prepareApplication } from "./prepare-boot.js";
import { runCounted } from "./run-counted.js";
import type { Variant } from "./variant.js";

/** What one request takes, in instructions; everything from the switch to the server to the switch away from it. */
export interface ServerProfile {
  readonly variant: string;
  /** How many were counted. */
  readonly requests: number;
  /** By part of the kernel, and "application", which is the server's program. */
  readonly areas: ReadonlyMap<string, number>;
  /** Of the kernel's functions, the most expensive first. */
  readonly functions: readonly (CalledFunction & { readonly instructions: number })[];
  readonly calls: readonly CallPath[];
}

export type CalledFunction = Pick<KernelFunction, "name" | "area">;

/** What a function executed itself when it was called so. */
export interface CallPath {
  /** The outermost first; the program is one, by the name of its area. */
  readonly path: readonly CalledFunction[];
  readonly instructions: number;
}

/** The server's program among the parts. */
export const applicationArea = "application";

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
  const directory = await mkdtemp(path.join(tmpdir(), "ukl-profile-"));
  try {
    const [addresses, output] = [path.join(directory, "functions"), path.join(directory, "profile")];
    await writeFile(addresses, functions.map(({ address }) => `${address.toString(16)}\n`).join(""));
    const switchAddress = functions.find(({ name }) => name === taskSwitch)?.address;
    const { start, end } = await loadEntryText(boot.kernel);
    const title = `${application.name} at ${variant.name}`;
    const text = await runCounted(ctx, {
      ...boot,
      ...{ title, seed: 1 },
      kernelArguments: [...boot.kernelArguments, "nokaslr"],
      plugin: [
        ...[plugin, `functions=${addresses}`, `switch=${switchAddress?.toString(16)}`],
        ...[`entry=${start.toString(16)}:${end.toString(16)}`, `output=${output}`],
      ].join(","),
    });
    const requests = countRequests(text, `${request}_${Object.keys(application.loads)[0]}`);
    return {
      variant: variant.name,
      requests,
      ...parseProfile(await readFile(output, "utf8"), functions, requests),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
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

/**
 * Reads what userland/plugin/profile.c writes.
 *
 * @throws UklError BENCH_FAILED when nothing of a server was seen
 */
export function parseProfile(
  text: string,
  functions: readonly KernelFunction[],
  requests: number,
): Pick<ServerProfile, "areas" | "functions" | "calls"> {
  const [first = "", ...lines] = text.trimEnd().split("\n");
  const [, program, segments] = /^server (\d+) (\d+)$/.exec(first) ?? [];
  if (program === undefined || Number(segments) === 0 || !(requests > 0))
    throw new UklError("BENCH_FAILED", "Cannot profile the server: it was not seen to run");
  const byAddress = new Map(functions.map((each) => [each.address.toString(16), each]));
  byAddress.set("program", { address: 0n, name: applicationArea, area: applicationArea });
  const areas = new Map<string, number>();
  const byFunction = new Map<KernelFunction, number>();
  const calls = new Map<string, CallPath>();
  for (const line of lines) {
    const [addresses = "", count] = line.split(" ");
    const path = addresses.split(";").map((address) => byAddress.get(address) as KernelFunction);
    const innermost = path.at(-1) as KernelFunction;
    const instructions = Number(count) / requests;
    areas.set(innermost.area, (areas.get(innermost.area) ?? 0) + instructions);
    if (innermost.name !== applicationArea)
      byFunction.set(innermost, (byFunction.get(innermost) ?? 0) + instructions);
    const callees = path.filter(isCallee);
    const key = callees.map(({ name }) => name).join(";");
    const others = calls.get(key)?.instructions ?? 0;
    calls.set(key, { path: callees, instructions: others + instructions });
  }
  const sorted = [...byFunction].map(([{ name, area }, instructions]) => ({ name, area, instructions }));
  return {
    areas,
    functions: sorted.sort((a, b) => b.instructions - a.instructions),
    calls: [...calls.values()],
  };
}

/**
 * Not what the compiler puts between a function and the one that it calls indirectly, and not a function's calls of itself,
 * most of which only fill the processor's memory of return addresses.
 */
function isCallee({ name }: CalledFunction, index: number, path: readonly CalledFunction[]): boolean {
  if (index === path.length - 1) return true;
  return name !== path[index + 1]?.name && !/^__x86_indirect_(call_|jump_)?thunk/.test(name);
}
