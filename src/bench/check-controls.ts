// SPDX-License-Identifier: Apache-2.0
/** The controls of every report: what has to come out of a measurement that can be believed. */

import type { VariantCounts } from "./count-variants.js";
import type { Environment } from "./describe-environment.js";
import { claimThreshold, median, ratioOf, type Spread } from "./statistics.js";
import { figuresOf } from "./variant-runs.js";

export interface Control {
  readonly name: string;
  readonly passed: boolean;
  /** What was expected and found, one sentence. */
  readonly detail: string;
}

/** An effect whose size is known before it is measured. */
export interface KnownEffect {
  /** The operation with it, and without. */
  readonly operation: string;
  readonly reference: string;
  readonly instructions: number;
  /** How many instructions the difference may be off. */
  readonly tolerance: number;
}

export interface ControlRequest {
  readonly baseline: VariantCounts;
  /** The same variant with other seeds, as many. */
  readonly control: VariantCounts;
  readonly variants: readonly VariantCounts[];
  readonly operations: readonly string[];
  readonly effects: readonly KnownEffect[];
  readonly environment: Pick<Environment, "variants">;
}

export function checkControls(request: ControlRequest): Control[] {
  const all = [request.baseline, ...request.variants];
  return [
    checkConfigurations(request.environment),
    checkRepeatability(all),
    checkSameAgainstSame(request),
    ...request.effects.map((effect) => checkEffect(effect, [...all, request.control])),
  ];
}

/** Even where seeds differ much, more than this is no spread of layouts. */
const largestDeviation = 0.05;

/**
 * The same for every instrument: a kernel with options that were not asked for would be compared with them, and not with its
 * level. The distribution's has others, which is what it is there for: it is no part of this, and the detail says so.
 */
export function checkConfigurations({ variants }: Pick<Environment, "variants">): Control {
  const wanted = new Map<string, string>();
  const own = variants.filter(({ packages }) => packages !== undefined);
  const built = variants.filter(({ packages }) => packages === undefined);
  const different = built.filter(({ kernelConfig, configHash }) => {
    const name = kernelConfig.join(" ");
    if (!wanted.has(name)) wanted.set(name, configHash);
    return wanted.get(name) !== configHash;
  });
  const others = [...wanted.keys()].filter((name) => name !== "");
  const exempt = own.map(({ name }) => `; ${name} is exempt: it is to have the distribution's own`).join("");
  return {
    name: "Same configuration",
    passed: different.length === 0,
    detail:
      different.length === 0
        ? `the kernels of all${own.length === 0 ? "" : " other"} variants have the same options, but for Unikernel Linux itself${
            others.length === 0 ? "" : ` and what they are to show: ${others.join("; ")}`
          }${exempt}`
        : `the kernel has other options at ${different.map(({ name }) => name).join(", ")}`,
  };
}

function checkRepeatability(all: readonly VariantCounts[]): Control {
  const different = all.filter(({ repeatable }) => repeatable !== true).map(({ boot }) => boot.variant.name);
  return {
    name: "Same seed, same bytes",
    passed: different.length === 0,
    detail:
      different.length === 0
        ? `the first seed, booted twice, gave the same console to the byte in all ${all.length} variants`
        : `the first seed, booted twice, gave different consoles at ${different.join(", ")}`,
  };
}

function checkSameAgainstSame({ baseline, control, operations }: ControlRequest): Control {
  const ratios = operations.map((operation) => ({
    operation,
    ratio: ratioOf(figuresOf(control, operation), figuresOf(baseline, operation)),
  }));
  const allowed = (ratio: Spread): number =>
    // One layout has no range to tell how much layouts differ.
    baseline.runs.length === 1 ? largestDeviation : Math.min(claimThreshold(ratio), largestDeviation);
  const wrong = ratios.filter(({ ratio }) => !(Math.abs(ratio.median - 1) <= allowed(ratio)));
  const describe = ({ operation, ratio }: (typeof ratios)[number]): string =>
    `${operation} ${ratio.median.toFixed(4)} (± ${allowed(ratio).toFixed(4)} allowed)`;
  const farthest = ratios.toSorted((a, b) => Math.abs(b.ratio.median - 1) - Math.abs(a.ratio.median - 1))[0];
  return {
    name: "A/A: the baseline against itself",
    passed: wrong.length === 0,
    detail:
      wrong.length === 0
        ? `with other seeds all ${operations.length} ratios are as near to 1 as they have to be; the farthest: ${farthest ? describe(farthest) : "none"}`
        : `with other seeds the baseline differs from itself: ${wrong.map(describe).join(", ")}; with more layouts (--seeds) more may be found to belong to them`,
  };
}

function checkEffect(effect: KnownEffect, all: readonly VariantCounts[]): Control {
  const { operation, reference, instructions, tolerance } = effect;
  const found = all.flatMap((variant) => {
    const without = figuresOf(variant, reference);
    return figuresOf(variant, operation).map((count, index) => count - (without[index] as number));
  });
  const wrong = found.filter((difference) => !(Math.abs(difference - instructions) <= tolerance));
  const exactly = tolerance < 1 ? "exactly" : `within ${tolerance}`;
  return {
    name: `Known effect: ${instructions} instructions in ${operation}`,
    passed: wrong.length === 0,
    detail: `${operation} − ${reference} has to be ${instructions}, ${exactly}; ${
      wrong.length === 0
        ? `it is ${median(found).toFixed(2)} in all ${found.length} boots`
        : `it is ${wrong[0]?.toFixed(2)} in ${wrong.length} of ${found.length} boots`
    }`,
  };
}
