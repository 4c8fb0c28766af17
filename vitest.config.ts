// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "vitest/config";

/**
 * Four tiers, one after the other: `unit` needs no build, `userland` needs the toolchain, `kernel` the kernel's source,
 * `vm` boots real kernels one at a time. `memory` needs kernels of its own, and time: `npm run test:memory`.
 */
export default defineConfig({
  test: {
    reporters: ["verbose", "./test/summary-reporter.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "test/unit/**/*.test.ts"],
          sequence: { groupOrder: 0 },
          // Some start the command itself, which takes seconds on a busy machine.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "userland",
          include: ["test/userland/**/*.test.ts"],
          sequence: { groupOrder: 1 },
          testTimeout: 600_000,
          hookTimeout: 1_800_000,
        },
      },
      {
        test: {
          name: "kernel",
          include: ["test/kernel/**/*.test.ts"],
          sequence: { groupOrder: 2 },
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 1_800_000,
        },
      },
      {
        test: {
          name: "vm",
          include: ["test/vm/**/*.test.ts"],
          sequence: { groupOrder: 3 },
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 2_400_000,
        },
      },
      {
        test: {
          name: "memory",
          include: ["test/memory/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 3_600_000,
        },
      },
    ],
  },
});
