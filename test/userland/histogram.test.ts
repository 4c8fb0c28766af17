// SPDX-License-Identifier: Apache-2.0
/** The histogram in which the guest keeps latencies: what is recorded comes out, to 1 in 128. */

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { countOf, parseHistogram } from "../../src/bench/histogram.js";
import { packagePath } from "../../src/host/package-path.js";
import { runCommand } from "../../src/host/run-command.js";
import { ctx, run, useDirectory } from "./fixture.js";

/** Records every number on its input. */
const program = `
#include "histogram.h"
#include <stdio.h>

static struct histogram histogram;

int main(void)
{
	for (unsigned long value; scanf("%lu", &value) == 1;)
		record(&histogram, value);
	print_histogram(&histogram, "get", 40000);
	return 0;
}
`;

/** Small ones, the edges of buckets and powers of two, and what is longer than the longest. */
const values = [0, 1, 127, 128, 255, 256, 257, 258, 259, 511, 512, 1023, 1024, 10_000, 123_456_789]
  .flatMap((value) => [value, value])
  .concat(2 ** 39, 2 ** 40 - 1);

test("a histogram has each value in a bucket whose name is at most 1/128 more", async () => {
  const directory = useDirectory();
  const [source, binary] = [path.join(directory, "main.c"), path.join(directory, "main")];
  const userland = packagePath("userland", "timed");
  await writeFile(source, program);
  await runCommand(ctx, "gcc", ["-I", userland, "-o", binary, source, path.join(userland, "histogram.c")]);
  const { stdout } = await run(binary, [], values.join("\n"));
  const [, buckets = ""] = /^latency get 40000 (.+)\n$/.exec(stdout) ?? [];
  const histogram = parseHistogram(buckets) ?? new Map<number, number>();
  expect(countOf(histogram)).toBe(values.length);
  const found = [...histogram].flatMap(([value, count]) => Array.from({ length: count }, () => value));
  for (const [index, value] of values.entries()) {
    expect(found[index]).toBeGreaterThanOrEqual(value);
    expect(found[index]).toBeLessThanOrEqual(value * (1 + 1 / 128));
  }
  // What is too long for it counts as the longest.
  const { stdout: long } = await run(binary, [], "18000000000000000000");
  expect(long).toBe(`latency get 40000 ${2 ** 40 - 1}:1\n`);
  const { stdout: nothing } = await run(binary);
  expect(nothing).toBe("");
});
