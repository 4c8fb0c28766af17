// SPDX-License-Identifier: Apache-2.0
/** A program in ring 0 that forks until it is refused: for its user, for want of tasks, for want of PIDs. */

import { checkWhile } from "./check-while.js";
import { driveGuest } from "./drive-guest.js";
import { loadGuestTests, runGuestTests } from "./run-guest-tests.js";
import type { Scenario } from "./scenario.js";

const tests = [
  "forks_until_the_limit_of_its_user",
  "forks_until_the_machine_has_no_more_tasks",
  "forks_until_the_machine_has_no_more_pids",
];
/** Of kernel/overlay/tools/testing/selftests/ukl/limits.c. */
const processesOfScale = 40;

export const forkScenario: Scenario = {
  name: "fork",
  brief: "a program in ring 0 that forks until it is refused, beside Redis under load",
  run: async (ctx, { settings, random, machineName }) =>
    driveGuest(ctx, {
      request: {
        settings,
        name: machineName,
        timeoutMs: 120_000 + tests.length * settings.counts.scale * 60_000,
        files: await loadGuestTests(ctx, settings),
        redisArgs: ["--save", "''"],
      },
      work: async (guest) => {
        const { scale } = settings.counts;
        const { answers, commands } = await checkWhile(ctx, guest, random("answers"), () =>
          runGuestTests(guest.shell, tests, scale),
        );
        return {
          "processes at most": processesOfScale * scale,
          refusals: tests.length,
          "answers checked": answers,
          "Redis commands": commands,
        };
      },
    }),
};
