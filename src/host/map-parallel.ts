// SPDX-License-Identifier: Apache-2.0
/** Does something with each of many items, a few at a time. */

import { availableParallelism } from "node:os";

/**
 * As many at a time as there are processors, if nothing else is said. Rejects with the first failure, when those that
 * had begun have ended.
 */
export async function mapParallel<Item, Result>(
  items: readonly Item[],
  map: (item: Item) => Promise<Result>,
  atATime = availableParallelism(),
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  let failed = false;
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        results[index] = await map(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atATime }, work));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return results;
}
