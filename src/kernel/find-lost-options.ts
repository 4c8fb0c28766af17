// SPDX-License-Identifier: Apache-2.0
/** Compares what configuration fragments ask for with what Kconfig made of it. */

export interface LostOption {
  /** The fragment's line. */
  readonly wanted: string;
  /** The line of the resulting configuration, or "absent". */
  readonly got: string;
}

/**
 * Finds the lines of a fragment that a .config does not honour: `olddefconfig` drops silently what
 * a dependency forbids, and what no longer exists. A later line of the fragment replaces an earlier.
 */
export function findLostOptions(fragment: string, config: string): readonly LostOption[] {
  const got = parseOptions(config);
  return [...parseOptions(fragment)]
    .filter(([option, value]) => (got.get(option)?.value ?? "n") !== value.value)
    .map(([option, { line }]) => ({ wanted: line, got: got.get(option)?.line ?? "absent" }));
}

interface Option {
  readonly line: string;
  readonly value: string;
}

function parseOptions(text: string): ReadonlyMap<string, Option> {
  const options = new Map<string, Option>();
  for (const line of text.split("\n")) {
    const set = line.match(/^(CONFIG_\w+)=(.*)$/);
    const unset = line.match(/^# (CONFIG_\w+) is not set$/);
    if (set?.[1] !== undefined) options.set(set[1], { line, value: set[2] ?? "" });
    else if (unset?.[1] !== undefined) options.set(unset[1], { line, value: "n" });
  }
  return options;
}
