// SPDX-License-Identifier: Apache-2.0
/** What the kernel holds: its objects by kind, its free memory, its tasks; and whether there is more of it than before. */

export interface KernelUsage {
  /** By the name of their cache; empty where the kernel does not tell. */
  readonly slabs: ReadonlyMap<string, SlabUsage>;
  readonly availableKib: number;
  readonly processes: number;
}

export interface SlabUsage {
  /** Objects in use. */
  readonly active: number;
  /** How many lie together. Those that a CPU allocates from count as in use, all of them. */
  readonly perSlab: number;
}

/** What may differ though nothing leaked. */
export interface UsageTolerance {
  /** Of one cache, beside what each CPU keeps for itself. */
  readonly objects: number;
  readonly cpus: number;
  readonly memoryKib: number;
  readonly processes: number;
}

/** Parses /proc/slabinfo, version 2.1. */
export function parseSlabInfo(text: string): Map<string, SlabUsage> {
  const rows = text.split("\n").map((line) => slabPattern.exec(line));
  return new Map(
    rows
      .filter((row) => row !== null)
      .map(([, name = "", active, perSlab]) => [name, { active: Number(active), perSlab: Number(perSlab) }]),
  );
}

/** Parses /proc/meminfo's line. @throws Error when there is none */
export function parseAvailableKib(text: string): number {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kib === undefined) throw new Error("/proc/meminfo does not say what is available");
  return Number(kib);
}

/** What has grown by more than the tolerance, one sentence each. */
export function findLeaks(before: KernelUsage, after: KernelUsage, tolerance: UsageTolerance): string[] {
  const slabs = [...after.slabs].flatMap(([name, { active, perSlab }]) => {
    const growth = active - (before.slabs.get(name)?.active ?? 0);
    return growth > tolerance.objects + tolerance.cpus * perSlab ? [`${growth} more objects of ${name}`] : [];
  });
  const lostKib = before.availableKib - after.availableKib;
  const processes = after.processes - before.processes;
  return [
    ...slabs,
    ...(lostKib > tolerance.memoryKib ? [`${lostKib} KiB less memory`] : []),
    ...(processes > tolerance.processes ? [`${processes} more processes`] : []),
  ];
}

/** "name <active_objs> <num_objs> <objsize> <objperslab> …": the two lines of titles have no numbers there. */
const slabPattern = /^(\S+)\s+(\d+)\s+\d+\s+\d+\s+(\d+)\s/;
