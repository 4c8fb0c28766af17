// SPDX-License-Identifier: Apache-2.0
/** All scenarios, in the order in which they run. */

import { findNearest } from "../errors/find-nearest.js";
import { UklError } from "../errors/ukl-error.js";
import { forkScenario } from "./fork-scenario.js";
import { memoryScenario } from "./memory-scenario.js";
import { powerCutScenario } from "./power-cut-scenario.js";
import type { Scenario } from "./scenario.js";
import { startExitScenario } from "./start-exit-scenario.js";
import { stressNgScenario } from "./stress-ng-scenario.js";
import { trinityScenario } from "./trinity-scenario.js";

export const scenarios: readonly Scenario[] = [
  trinityScenario,
  stressNgScenario,
  memoryScenario,
  forkScenario,
  startExitScenario,
  powerCutScenario,
];

/**
 * The scenarios of these names, in the order in which they run; all of them when none is named.
 *
 * @throws UklError USAGE_INVALID for a name that none has
 */
export function selectScenarios(names: readonly string[]): readonly Scenario[] {
  const known = scenarios.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const nearest = findNearest(unknown, known);
    throw new UklError("USAGE_INVALID", `Cannot run the scenario "${unknown}": there is none of that name`, {
      hint: nearest === undefined ? `There are ${known.join(", ")}` : `Did you mean "${nearest}"?`,
    });
  }
  return names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name));
}
