// SPDX-License-Identifier: Apache-2.0
/** What a suite counts, on what, and what shows that it counts right. */

import type { Level } from "../config/level.js";
import type { Context } from "../host/context.js";
import type { KnownEffect } from "./check-controls.js";
import type { Intervals } from "./latency.js";
import type { Counts } from "./parse-counts.js";
import type { PreparedBoot } from "./prepare-boot.js";
import type { BenchHardware } from "./run-guest.js";
import type { Variant } from "./variant.js";

export interface Suite {
  /** Of the command: "micro". */
  readonly name: string;
  /** After what is measured: "per operation", of instructions or nanoseconds. */
  readonly unit: string;
  /** The recipe of its program, whose test shows what that does; undefined when there is none. */
  readonly recipe?: string;
  /** Those of a report, in its order; what only controls need is left out. */
  readonly operations: readonly Operation[];
  readonly effects: readonly KnownEffect[];
  /** What everything is compared with. */
  readonly baseline: Variant;
  /** Ordinary Linux in other forms. */
  readonly references: readonly Variant[];
  /** What users have, where it can be counted; it takes longer than all others together, so only when it is asked for. */
  readonly distribution?: Variant;
  /** The levels that its program can have, beyond `linux`. */
  readonly levels: readonly Exclude<Level, "linux">[];
  prepare(ctx: Context, variant: Variant): Promise<PreparedBoot>;
  /** Undefined where figures are counts only. */
  readonly time?: TimedSuite;
  /** Default `parseCounts`. */
  readonly parse?: (output: string, title: string) => Counts;
  /** What else there is to be known of variants, and is no count that differs from seed to seed. */
  readonly measure?: (
    ctx: Context,
    variants: readonly Variant[],
    hardware: BenchHardware,
  ) => Promise<readonly Quantity[]>;
}

export interface Operation {
  readonly name: string;
  /** What it is to a reader. */
  readonly title: string;
  /** In time it cannot be told from what the host does. */
  readonly onlyCounted?: boolean;
}

/** A suite as it is measured in time. */
export interface TimedSuite {
  /** As the suite's own, with a program whose counter is a clock. @param intervals default: at no fixed rate */
  prepare(ctx: Context, variant: Variant, intervals?: Intervals): Promise<PreparedBoot>;
  /** Those whose latency is measured at a fixed rate. */
  readonly requests: readonly TimedRequest[];
}

export interface TimedRequest extends Operation {
  /** The operation that says how long one takes when each comes after the one before. */
  readonly alone: string;
}

/** A size, a number of MiB. */
export interface Quantity {
  readonly title: string;
  readonly unit: string;
  /** The baseline's is the first. */
  readonly values: readonly QuantityValue[];
}

export interface QuantityValue {
  readonly variant: string;
  /** Null where there is none: the variant's kernel cannot run that. */
  readonly value: number | null;
}
