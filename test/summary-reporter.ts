// SPDX-License-Identifier: Apache-2.0
/** Closes a test run with one plain line that scripts can read: "N passed, N failed". */
import type { Reporter, TestModule } from "vitest/node";

export default class SummaryReporter implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const testModule of testModules) {
      for (const test of testModule.children.allTests()) count[test.result().state]++;
      // A file that cannot be loaded, or whose set-up fails, has no failing test to show for it.
      if (testModule.state() === "failed" && count.failed === 0) count.failed++;
    }
    const skipped = count.skipped + count.pending;
    process.on("exit", () => {
      process.stdout.write(
        `${count.passed} passed, ${count.failed} failed${skipped ? `, ${skipped} skipped` : ""}\n`,
      );
    });
  }
}
