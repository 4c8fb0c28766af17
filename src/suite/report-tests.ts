// SPDX-License-Identifier: Apache-2.0
/** Results as a parser collects them, line by line. */

import type { Outcome, SuiteTest } from "./suite.js";

export interface SaidTest {
  readonly name: string;
  readonly outcome: Outcome;
  /** The lines that belong to it. */
  readonly said: string[];
}

/** Whoever passed has no more to say. */
export function reportTests(tests: readonly SaidTest[]): SuiteTest[] {
  return tests.map(({ name, outcome, said }) =>
    outcome === "passed" ? { name, outcome } : { name, outcome, detail: said.join("\n") },
  );
}
