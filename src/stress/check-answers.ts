// SPDX-License-Identifier: Apache-2.0
/** Writes known values into Redis, reads them back and compares: says whether a server under stress still tells the truth. */

import { isDeepStrictEqual } from "node:util";
import type { Random } from "../host/random.js";
import type { Reply } from "./parse-reply.js";
import type { RedisClient } from "./redis-client.js";

/** What the server has to hold, kept here. */
export interface AnswerChecker {
  /** How many answers were right. */
  readonly answers: number;
  /** Sends one command. @throws Error for a wrong answer */
  checkOne(client: RedisClient): Promise<void>;
  /** Reads everything. @throws Error for a wrong answer */
  checkAll(client: RedisClient): Promise<void>;
}

/** Keys of others on the server must not begin with "check:". */
export function createAnswerChecker(random: Random): AnswerChecker {
  const model = new Map<string, string>();
  let answers = 0;
  const expect = async (client: RedisClient, words: readonly string[], wanted: Reply): Promise<void> => {
    const reply = await client.send(...words);
    if (!isDeepStrictEqual(reply, wanted))
      throw new Error(`Redis answered ${shorten(reply)} instead of ${shorten(wanted)} to ${shorten(words)}`);
    answers += 1;
  };
  return {
    get answers() {
      return answers;
    },
    checkOne: (client) => {
      const { words, wanted } = random.pick(commands)(model, random);
      return expect(client, words, wanted);
    },
    checkAll: async (client) => {
      for (const [key, value] of model) await expect(client, ["GET", key], value);
    },
  };
}

interface Expectation {
  readonly words: readonly string[];
  readonly wanted: Reply;
}

type Command = (model: Map<string, string>, random: Random) => Expectation;

const keyCount = 300;
const largestValueBytes = 8_192;

/** Strings, counters, and what changes them; reads twice as often as each of the writes. */
const commands: readonly [Command, ...Command[]] = [
  read,
  read,
  (model, random) => {
    const [key, value] = [pickKey(random), makeValue(random)];
    model.set(key, value);
    return { words: ["SET", key, value], wanted: "OK" };
  },
  (model, random) => {
    const [key, value] = [pickKey(random), random.text(random.integer(64))];
    // Not without end: what is long is begun anew.
    const before = model.get(key) ?? "";
    if (before.length > largestValueBytes) return remove(model, key);
    model.set(key, before + value);
    return { words: ["APPEND", key, value], wanted: before.length + value.length };
  },
  (model, random) => {
    const [key, step] = [`check:count:${random.integer(keyCount)}`, random.integer(1_000)];
    const sum = Number(model.get(key) ?? "0") + step;
    model.set(key, String(sum));
    return { words: ["INCRBY", key, String(step)], wanted: sum };
  },
  (model, random) => {
    const keys = Array.from({ length: 1 + random.integer(20) }, () => pickKey(random));
    return { words: ["MGET", ...keys], wanted: keys.map((key) => model.get(key) ?? null) };
  },
  (model, random) => remove(model, pickKey(random)),
];

function read(model: Map<string, string>, random: Random): Expectation {
  const key = pickKey(random);
  return { words: ["GET", key], wanted: model.get(key) ?? null };
}

function remove(model: Map<string, string>, key: string): Expectation {
  return { words: ["DEL", key], wanted: model.delete(key) ? 1 : 0 };
}

function pickKey(random: Random): string {
  return `check:${random.integer(keyCount)}`;
}

/** Mostly short, some of several pages. */
function makeValue(random: Random): string {
  return random.text(random.integer(random.integer(8) === 0 ? largestValueBytes : 100));
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
