// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { levels } from "../config/level.js";
import { packagePath } from "../host/package-path.js";
import { echoSuite } from "./echo.js";
import { memcachedSuite } from "./memcached.js";
import { microSuite } from "./micro.js";
import { nginxSuite } from "./nginx.js";
import { postgresqlSuite } from "./postgresql.js";
import { redisSuite } from "./redis.js";
import { sqliteSuite } from "./sqlite.js";
import type { Suite } from "./suite.js";

/** The names in the tables of a program of userland/. */
const namesIn = (file: string, marker: RegExp, directory = "bench", after = ""): string[] => {
  const text = readFileSync(packagePath("userland", directory, file), "utf8");
  return [...text.slice(text.indexOf(after)).matchAll(marker)].map(([, name]) => name as string);
};

const applicationSuites = [redisSuite, memcachedSuite, nginxSuite, echoSuite, postgresqlSuite];

test("the micro suite knows every operation of the program, and no other", () => {
  const files = readdirSync(packagePath("userland", "bench")).filter((file) => file.endsWith(".c"));
  const operations = files.flatMap((file) =>
    readFileSync(packagePath("userland", "bench", file), "utf8").includes('#include "operations.h"')
      ? namesIn(file, /\{ \.name = "(\w+)"/g)
      : [],
  );
  const known = [...microSuite.operations.map(({ name }) => name), "nothing", "null_call_and_nops"];
  expect(known.sort()).toEqual(operations.sort());
});

describe.each(applicationSuites)("the suite of $name", (suite: Suite) => {
  const table = `${suite.name}.c`;
  const loads = namesIn(table, /\{ \.name = "(\w+)", \.connections/g);
  // Not what only prepares, or belongs to others.
  const requests = namesIn(table, /^\t\{ \.name = "(\w+)",\s+\.text/gm, "bench", "requests[] = {");

  test("knows every request of the client with every load, and no other", () => {
    const measured = requests.flatMap((request) => loads.flatMap((load) => `${request}_${load}`));
    const known = suite.operations.map(({ name }) => name);
    const forControls = measured.filter((name) => name.includes("_nops_"));
    expect(known.filter((name) => !name.endsWith("_all")).sort()).toEqual(
      measured.filter((name) => !forControls.includes(name)).sort(),
    );
    expect(known.filter((name) => name.endsWith("_all"))).toHaveLength(known.length / 2);
  });

  test("has a known effect, of the machine and none of the server", () => {
    const expected = suite.effects.map(({ operation, instructions }) => [
      operation.endsWith("_all"),
      instructions > 0,
    ]);
    expect(expected).toEqual([
      [true, true],
      [false, false],
    ]);
    for (const { operation } of suite.effects)
      expect(requests).toContain(operation.replace(/_[pc]\d+(_all)?$/, ""));
  });

  test("compares every level that a program of our toolchain can have", () => {
    expect([...new Set(["linux", "compat", ...suite.levels])]).toEqual([...levels]);
  });
});

test("the suite of sqlite knows every operation of the program, in memory and in a file", () => {
  const operations = namesIn("sqlite.c", /\.name = "(\w+)", \.run/g, "sqlite");
  const places = namesIn("sqlite.c", /\.name = "(\w+)", \.path/g, "sqlite");
  const measured = places.flatMap((place) => operations.map((operation) => `${operation}_${place}`));
  const known = sqliteSuite.operations.map(({ name }) => name);
  const forControls = sqliteSuite.effects.map(({ operation }) => operation);
  expect([...known, ...forControls].sort()).toEqual(measured.sort());
});

test.each([microSuite, sqliteSuite])("the suite of $name compares every level with linux", (suite: Suite) => {
  expect(["linux", ...suite.levels]).toEqual([...levels]);
  expect(suite.effects.length).toBeGreaterThan(0);
});
