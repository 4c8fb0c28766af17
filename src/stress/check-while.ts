// SPDX-License-Identifier: Apache-2.0
/** Keeps Redis under load and checks its answers while something else happens in the guest. */

import type { Context } from "../host/context.js";
import type { Random } from "../host/random.js";
import { createAnswerChecker } from "./check-answers.js";
import { loadRedis } from "./load-redis.js";
import { connectRedis, type RedisClient } from "./redis-client.js";
import type { Guest } from "./start-guest.js";

export interface CheckedWork<T> {
  readonly result: T;
  /** How many answers were checked, all of them right. */
  readonly answers: number;
  /** How many commands Redis has carried out, those of redis-benchmark included. */
  readonly commands: number;
}

/**
 * Runs `work` under load, to its end.
 *
 * @throws Error for a wrong answer, none, or a benchmark that fails; what `work` throws
 */
export async function checkWhile<T>(
  ctx: Context,
  guest: Guest,
  random: Random,
  work: () => Promise<T>,
): Promise<CheckedWork<T>> {
  const checker = createAnswerChecker(random);
  using client = await connectRedis(guest.redisPort);
  let working = true;
  const check = async (): Promise<void> => {
    while (working) await checker.checkOne(client);
  };
  let result: T;
  {
    await using load = await loadRedis(ctx, guest.redisPort);
    const done = work().finally(() => {
      working = false;
    });
    // The checker ends after the work; without it the work is not worth being waited for.
    const [value] = await Promise.race([Promise.all([done, check()]), load.failed]);
    result = value;
  }
  await checker.checkAll(client);
  return { result, answers: checker.answers, commands: await countCommands(client) };
}

async function countCommands(client: RedisClient): Promise<number> {
  const info = String(await client.send("INFO", "stats"));
  return Number(/^total_commands_processed:(\d+)/m.exec(info)?.[1]);
}
