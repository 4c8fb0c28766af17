// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { createWriteLedger } from "./write-ledger.js";

/** Two writes acknowledged, a third one sent. */
function createLedger() {
  const ledger = createWriteLedger();
  for (const _ of [1, 2]) ledger.acknowledge("k", ledger.begin("k"));
  ledger.begin("k");
  return ledger;
}

describe("createWriteLedger", () => {
  test("wants what was acknowledged, and allows what was sent", () => {
    expect(createLedger().check("k", "2")).toBeUndefined();
    expect(createLedger().check("k", "3")).toBeUndefined();
    expect(createLedger().acknowledged).toBe(2);
  });

  test.each(["1", undefined, "4", "x"])("complains of %s", (kept) => {
    expect(createLedger().check("k", kept)).toBe(
      `k is ${kept ?? "missing"}, of which 2 was acknowledged and 3 sent`,
    );
  });

  test("does not let a write go away that was there", () => {
    const ledger = createLedger();
    expect(ledger.check("k", "3")).toBeUndefined();
    expect(ledger.check("k", "2")).toContain("of which 3 was acknowledged");
  });

  test("allows a key to be missing of which nothing was acknowledged", () => {
    const ledger = createWriteLedger();
    ledger.begin("k");
    expect(ledger.keys).toEqual(["k"]);
    expect(ledger.check("k", undefined)).toBeUndefined();
  });
});
