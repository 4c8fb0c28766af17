// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { levels } from "../config/level.js";
import { packagePath } from "../host/package-path.js";
import { microSuite, redisSuite } from "./suite.js";

const sources = readdirSync(packagePath("userland", "bench"))
  .filter((file) => file.endsWith(".c"))
  .map((file) => readFileSync(packagePath("userland", "bench", file), "utf8"));

/** The names in the program's tables. */
const names = (marker: RegExp): string[] =>
  sources.flatMap((text) => [...text.matchAll(marker)].map(([, name]) => name as string));

describe("the suites", () => {
  test("know every operation of the program, and no other", () => {
    const known = [...microSuite.operations.map(({ name }) => name), "nothing", "null_call_and_nops"];
    expect(known.sort()).toEqual(names(/\{ \.name = "(\w+)",(?! \.request)\s+\.(?!request)/g).sort());
  });

  test("know every command of the client, and no other", () => {
    const known = new Set(redisSuite.operations.map(({ name }) => name.split("_")[0]));
    expect([...known, "get_nops"].sort()).toEqual(names(/\{ \.name = "(\w+)",\s+\.request/g).sort());
  });

  test("compare every level with linux", () => {
    expect(["linux", ...microSuite.levels]).toEqual([...levels]);
  });

  test("have a known effect", () => {
    for (const { effects } of [microSuite, redisSuite]) expect(effects.length).toBeGreaterThan(0);
  });
});
