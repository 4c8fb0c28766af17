// SPDX-License-Identifier: Apache-2.0
/** The suite of an application: its server and a client in one guest, request by request. */

import type { App } from "../config/app.js";
import type { Context } from "../host/context.js";
import type { GuestFile } from "../image/initramfs.js";
import type { KnownEffect } from "./check-controls.js";
import { prepareApplication, prepareTimedApplication } from "./prepare-boot.js";
import type { DistributionProgram } from "./prepare-distribution.js";
import type { Suite } from "./suite.js";
import { baseline, comparedLevels, distribution, relinked, unmitigated, type Variant } from "./variant.js";

export interface Application {
  /** Of its recipe, and of the client in userland/bench. */
  readonly name: string;
  /** Follow the recipe's. */
  readonly args: readonly string[];
  /** In addition to the recipe's. */
  readonly files: () => Promise<readonly GuestFile[]>;
  /** What each request of the client's table is to a reader. */
  readonly requests: Readonly<Record<string, string>>;
  /** And each load; the first is one request at a time. */
  readonly loads: Readonly<Record<string, string>>;
  /** Of requests for which the client does more. */
  readonly effects: readonly KnownEffect[];
  /** Its server; default the recipe's, built by our toolchain. */
  readonly describe?: (ctx: Context, variant: Variant) => Promise<App>;
  /** The distribution's package of it. */
  readonly distribution?: DistributionProgram;
  /** Of the machine; default `runCounted`'s. */
  readonly memoryMib?: number;
}

/** Its server is built by our toolchain only, which is at home in ring 3, too, and costs a few instructions there. */
export function applicationSuite(application: Application): Suite {
  const { name, requests, loads, effects } = application;
  return {
    name,
    recipe: name,
    unit: "per request",
    operations: Object.entries(requests).flatMap(([request, what]) =>
      Object.entries(loads).flatMap(([load, how]) => [
        { name: `${request}_${load}`, title: `${what}, ${how}: server` },
        { name: `${request}_${load}_all`, title: `${what}, ${how}: machine` },
      ]),
    ),
    effects,
    baseline: { ...relinked, name: baseline.name, meaning: baseline.meaning },
    references: [{ ...unmitigated, program: "relinked" }],
    ...(application.distribution === undefined ? {} : { distribution }),
    levels: comparedLevels.filter((level) => level !== "compat"),
    prepare: (ctx, variant) => prepareApplication(ctx, application, variant),
    time: {
      prepare: (ctx, variant, intervals) => prepareTimedApplication(ctx, application, variant, intervals),
      requests: Object.entries(requests).map(([request, title]) => ({
        ...{ name: request, title },
        alone: `${request}_${Object.keys(loads)[0]}_all`,
      })),
    },
  };
}
