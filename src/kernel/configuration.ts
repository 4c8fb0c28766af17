// SPDX-License-Identifier: Apache-2.0
/** What a kernel is configured from: a beginning, and fragments of kernel/config on top of it. */

import { commonFragments, type Series, uklFragment } from "./series.js";

export interface Configuration {
  /** `tiny`: the least that kbuild makes; `distribution`: what the distribution's own kernel has. */
  readonly start: "tiny" | "distribution";
  /** Names of fragments, in the order in which they apply. */
  readonly fragments: readonly string[];
}

/** The fragment that belongs on the distribution's configuration, in place of the fragments of a series. */
export const distributionFragment = "debian";

/** The fragment that takes the place of the common ones, each of which can be asked for beside it. */
export const minimalFragment = "minimal";

/** The fragment of which `ukl build` makes an image that need not be unpacked. */
export const pvhFragment = "pvh";

/** The configuration of a series' kernel; `further` are the fragments that were asked for. */
export function resolveConfiguration(
  series: Pick<Series, "fragments">,
  ukl: boolean,
  further: readonly string[],
): Configuration {
  const start = further.includes(distributionFragment) ? "distribution" : "tiny";
  const first = start === "tiny" ? findFirstFragments(series, further) : [];
  const others = further.filter((name) => !first.includes(name));
  return { start, fragments: [...first, ...(ukl ? [uklFragment] : []), ...others] };
}

function findFirstFragments(
  { fragments }: Pick<Series, "fragments">,
  further: readonly string[],
): readonly string[] {
  if (!further.includes(minimalFragment)) return fragments;
  return [minimalFragment, ...fragments.filter((name) => !commonFragments.includes(name))];
}
