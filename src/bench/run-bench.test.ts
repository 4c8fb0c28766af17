// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { createContext } from "../host/context.js";
import { bootSuite } from "./boot.js";
import { microSuite } from "./micro.js";
import { runBench } from "./run-bench.js";

const bench = (request: object) => runBench(createContext(), { suite: microSuite, ...request });

test.each([
  [{ levels: ["base"], kernelConfig: ["tunde"] }, 'Cannot use kernel fragment "tunde"'],
  [{ eachOption: true }, "Cannot count each option: no configuration of the kernel is named"],
  [
    { suite: bootSuite, distribution: true },
    "Cannot measure boot on the distribution's kernel: the suite is not made for it",
  ],
  [{ profileGuided: true }, "Cannot take a profile for micro: its program has no test"],
])("%j is refused before anything is built", async (request, message) => {
  await expect(bench(request)).rejects.toMatchObject({
    code: "USAGE_INVALID",
    message: expect.stringContaining(message),
  });
});
