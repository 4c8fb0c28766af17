// SPDX-License-Identifier: Apache-2.0
/** Which writes were sent and which were acknowledged: what a store must have kept, whatever happened to it. */

export interface WriteLedger {
  /** How many were acknowledged. */
  readonly acknowledged: number;
  /** The next write to a key, which counts up. It may be kept from now on. */
  begin(key: string): number;
  /** It must be kept from now on. */
  acknowledge(key: string, value: number): void;
  readonly keys: readonly string[];
  /** What is wrong with a kept value; undefined when nothing is. It is what the key holds from now on. */
  check(key: string, kept: string | undefined): string | undefined;
}

export function createWriteLedger(): WriteLedger {
  const entries = new Map<string, { sent: number; acknowledged: number }>();
  let acknowledged = 0;
  const entryOf = (key: string) => {
    const entry = entries.get(key) ?? { sent: 0, acknowledged: 0 };
    entries.set(key, entry);
    return entry;
  };
  return {
    get acknowledged() {
      return acknowledged;
    },
    begin: (key) => ++entryOf(key).sent,
    acknowledge: (key, value) => {
      entryOf(key).acknowledged = value;
      acknowledged += 1;
    },
    get keys() {
      return [...entries.keys()];
    },
    check: (key, kept) => {
      const entry = entryOf(key);
      const value = kept === undefined ? 0 : Number(kept);
      if (!(value >= entry.acknowledged && value <= entry.sent))
        return `${key} is ${kept ?? "missing"}, of which ${entry.acknowledged} was acknowledged and ${entry.sent} sent`;
      // A write that was sent and is there is as good as acknowledged: it must not go away any more.
      entry.acknowledged = value;
      return undefined;
    },
  };
}
