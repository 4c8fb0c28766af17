// SPDX-License-Identifier: Apache-2.0
/** The flags that say which kernel is meant. */

import type { FlagParametersForType } from "@stricli/core";
import type { KernelRequest } from "../kernel/build-kernel.js";
import type { CliContext } from "./define-command.js";

export type KernelFlags = {
  readonly series?: string;
  readonly stock?: boolean;
  readonly fragment?: readonly string[];
};

export const kernelFlags: FlagParametersForType<KernelFlags, CliContext> = {
  series: {
    kind: "parsed",
    parse: String,
    brief: "The patch series, as 6.12",
    optional: true,
    placeholder: "VERSION",
  },
  stock: {
    kind: "boolean",
    brief: "The distribution's kernel without our patches, in the same configuration",
    optional: true,
    withNegated: false,
  },
  fragment: {
    kind: "parsed",
    parse: String,
    brief: "A further fragment of kernel/config, as debug; may be repeated",
    optional: true,
    variadic: true,
    placeholder: "NAME",
  },
};

export function toKernelRequest(flags: KernelFlags): KernelRequest {
  return { series: flags.series, ukl: flags.stock !== true, fragments: flags.fragment };
}
