// SPDX-License-Identifier: Apache-2.0
/** What a server executes for one request, as the emulator's plugin tells it. */

import { UklError } from "../errors/ukl-error.js";
import type { KernelFunction } from "./kernel-areas.js";

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
  /** Instructions that change the ring, the address space or the order of memory accesses, by their names; all that are known. */
  readonly events: ReadonlyMap<string, number>;
}

export type CalledFunction = Pick<KernelFunction, "name" | "area">;

/** What a function executed itself when it was called so. */
export interface CallPath {
  /** The outermost first; the program is one, by the name of its area. */
  readonly path: readonly CalledFunction[];
  readonly instructions: number;
}

/** All instructions of a request. */
export function sumAreas({ areas }: Pick<ServerProfile, "areas">): number {
  return [...areas.values()].reduce((sum, count) => sum + count, 0);
}

/** The server's program among the parts. */
export const applicationArea = "application";

/**
 * Reads what userland/plugin/profile.c writes.
 *
 * @throws UklError BENCH_FAILED when nothing of a server was seen
 */
export function parseServerProfile(
  text: string,
  functions: readonly KernelFunction[],
  requests: number,
): Pick<ServerProfile, "areas" | "functions" | "calls" | "events"> {
  const [first = "", ...lines] = text.trimEnd().split("\n");
  const [, program, segments] = /^server (\d+) (\d+)$/.exec(first) ?? [];
  if (program === undefined || Number(segments) === 0 || !(requests > 0))
    throw new UklError("BENCH_FAILED", "Cannot profile the server: it was not seen to run");
  const byAddress = new Map(functions.map((each) => [each.address.toString(16), each]));
  byAddress.set("program", { address: 0n, name: applicationArea, area: applicationArea });
  const profile = {
    areas: new Map<string, number>(),
    functions: new Map<KernelFunction, number>(),
    calls: new Map<string, CallPath>(),
    events: new Map<string, number>(),
  };
  for (const line of lines) {
    const [words = "", count] = line.split(/ (?=\d+$)/);
    const share = Number(count) / requests;
    if (words.startsWith(eventWord)) profile.events.set(words.slice(eventWord.length), share);
    else
      addCall(
        profile,
        words.split(";").map((address) => byAddress.get(address) as KernelFunction),
        share,
      );
  }
  const { areas, calls, events } = profile;
  const functionList = [...profile.functions].map(([{ name, area }, instructions]) => ({
    ...{ name, area, instructions },
  }));
  functionList.sort((a, b) => b.instructions - a.instructions);
  return { areas, functions: functionList, calls: [...calls.values()], events };
}

const eventWord = "event ";

interface Sums {
  readonly areas: Map<string, number>;
  readonly functions: Map<KernelFunction, number>;
  /** By the names of the path. */
  readonly calls: Map<string, CallPath>;
}

function addCall(
  { areas, functions, calls }: Sums,
  path: readonly KernelFunction[],
  instructions: number,
): void {
  const innermost = path.at(-1) as KernelFunction;
  areas.set(innermost.area, (areas.get(innermost.area) ?? 0) + instructions);
  if (innermost.name !== applicationArea)
    functions.set(innermost, (functions.get(innermost) ?? 0) + instructions);
  const callees = path.filter(isCallee);
  const key = callees.map(({ name }) => name).join(";");
  calls.set(key, { path: callees, instructions: (calls.get(key)?.instructions ?? 0) + instructions });
}

/**
 * Not what the compiler puts between a function and the one that it calls indirectly, and not a function's calls of itself,
 * most of which only fill the processor's memory of return addresses.
 */
function isCallee({ name }: CalledFunction, index: number, path: readonly CalledFunction[]): boolean {
  if (index === path.length - 1) return true;
  return name !== path[index + 1]?.name && !/^__x86_indirect_(call_|jump_)?thunk/.test(name);
}
