// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { createRandom } from "../host/random.js";
import { createAnswerChecker } from "./check-answers.js";
import type { Reply } from "./parse-reply.js";
import type { RedisClient } from "./redis-client.js";

/** What Redis does with the commands of the checker; `lose` says when it forgets a write. */
function createStore(
  lose: (count: number) => boolean = () => false,
): RedisClient & { readonly log: string[] } {
  const values = new Map<string, string>();
  const log: string[] = [];
  const answer = (command: string, key: string, value: string, keys: readonly string[]): Reply => {
    const before = values.get(key);
    switch (command) {
      case "GET":
        return before ?? null;
      case "MGET":
        return keys.map((one) => values.get(one) ?? null);
      case "SET":
        if (!lose(log.length)) values.set(key, value);
        return "OK";
      case "APPEND":
        values.set(key, (before ?? "") + value);
        return (before ?? "").length + value.length;
      case "INCRBY":
        values.set(key, String(Number(before ?? 0) + Number(value)));
        return Number(values.get(key));
      case "DEL":
        return values.delete(key) ? 1 : 0;
      default:
        throw new Error(`unknown command ${command}`);
    }
  };
  return {
    log,
    send: async (command = "", key = "", value = "", ...more) => {
      log.push([command, key, value].join(" "));
      return answer(
        command,
        key,
        value,
        [key, value, ...more].filter((word) => word !== ""),
      );
    },
    [Symbol.dispose]: () => {},
  };
}

async function run(store: RedisClient, seed: number): Promise<number> {
  const checker = createAnswerChecker(createRandom(seed, "test"));
  for (let i = 0; i < 2_000; i++) await checker.checkOne(store);
  await checker.checkAll(store);
  return checker.answers;
}

describe("createAnswerChecker", () => {
  test("is content with a store that tells the truth, and counts", async () => {
    expect(await run(createStore(), 1)).toBeGreaterThan(2_000);
  });

  test("repeats itself from the same seed", async () => {
    const [first, second, other] = [createStore(), createStore(), createStore()];
    await run(first, 1);
    await run(second, 1);
    await run(other, 2);
    expect(second.log).toEqual(first.log);
    expect(other.log).not.toEqual(first.log);
  });

  test("notices a single write that was lost", async () => {
    const store = createStore((count) => count > 1_900);
    await expect(run(store, 1)).rejects.toThrow(/^Redis answered .* instead of /);
  });
});
