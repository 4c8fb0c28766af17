// SPDX-License-Identifier: Apache-2.0
/** The machine of a measurement, as words for a reader. */

import type { Environment } from "./describe-environment.js";

/** "-M pc -cpu max, seeds 1 2", "-M pc -cpu host -accel kvm, 20 rounds on … (8 CPUs)" */
export function describeMachine({ machine, cpuModel, seeds, host }: Environment, more = ""): string {
  const model = `-M ${machine} -cpu ${cpuModel}${more}`;
  if (host === undefined) return `${model}, seeds ${seeds.join(" ")}`;
  const { accelerator, processor, processors } = host;
  const cpus = `${processors} ${processors === 1 ? "CPU" : "CPUs"}`;
  return `${model} -accel ${accelerator}, ${seeds.length} rounds on ${processor} (${cpus})`;
}

/** What every measured machine has not, for a reader who asks what the figures are of. */
export const machineLimits =
  "One processor, no disk, no network card: what a program reads is in its memory, and a server's client is in the same guest, over loopback.";
