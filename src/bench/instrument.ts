// SPDX-License-Identifier: Apache-2.0
/** How a suite is measured: each instrument boots the variants in its own way, and knows what its figures support. */

import type { Context } from "../host/context.js";
import type { Control } from "./check-controls.js";
import type { Environment } from "./describe-environment.js";
import type { Evidence } from "./evidence.js";
import type { LatencyReport } from "./latency.js";
import type { ReportRow } from "./report.js";
import type { Suite } from "./suite.js";
import type { Variant } from "./variant.js";

export interface Instrument {
  readonly evidence: Evidence;
  /**
   * Builds and boots.
   *
   * @param variants the suite's baseline first, which is measured against itself, too
   * @throws what builds and boots throw
   */
  measure(ctx: Context, suite: Suite, variants: readonly Variant[]): Promise<Measurement>;
}

export interface Measurement {
  readonly environment: Environment;
  readonly controls: readonly Control[];
  /** Compares some of the variants with one of them. */
  compare(reference: Variant, variants: readonly Variant[]): ReportRow[];
  /** At a fixed rate of requests. Undefined for what is no server, and where no time is measured. */
  readonly latency?: LatencyReport;
}
