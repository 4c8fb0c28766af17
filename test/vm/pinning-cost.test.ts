// SPDX-License-Identifier: Apache-2.0
/** What pinning pages costs in ring 0, beside an ordinary process; test/memory has direct I/O, too. */

import { beforeAll, expect, test } from "vitest";
import { createContext } from "../../src/host/context.js";
import { costOf, measurePinning, type PinningCosts } from "../pinning/measure-pinning.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

let stock: PinningCosts;
let base: PinningCosts;

beforeAll(async () => {
  stock = await measurePinning(ctx, "linux");
  base = await measurePinning(ctx, "base");
});

test("a call that pins nothing costs less in ring 0", () => {
  for (const name of ["getppid", "pread-error", "futex-private"])
    expect(costOf(base, name), name).toBeLessThan(costOf(stock, name));
});

test.each(["futex-shared", "uring-register-64k", "vmsplice-64k"])(
  "%s costs at most a tenth more in ring 0",
  (name) => {
    expect(costOf(base, name)).toBeLessThan(1.1 * costOf(stock, name));
  },
);
