// SPDX-License-Identifier: Apache-2.0
/**
 * What long operations say while they run. A log is a value that is passed, never
 * a global: a caller of the package's API decides where the words go.
 */

export interface Log {
  /**
   * Runs one named step. The title is an activity in the progressive form without a
   * full stop ("Building the kernel"); the elapsed time is added. `run` gets the log
   * for what belongs inside the step. The step's result and errors pass through.
   */
  step<T>(title: string, run: (log: Log) => Promise<T>): Promise<T>;
  /** Something every user wants to know, one line. */
  info(text: string): void;
  /** Something that the user should act on though the operation goes on. */
  warn(text: string): void;
  /** Shown with -v: commands, paths, decisions. */
  detail(text: string): void;
  /** Shown with -vv: the output of commands, as it comes. */
  output(text: string): void;
  /** How far the current step is, in things done; `total` is absent when it is not known. Never invented. */
  progress(done: number, total: number | undefined): void;
}

/** Says nothing; for tests and for callers of the API that give no log. */
export const silentLog: Log = {
  step: (_title, run) => run(silentLog),
  info: () => {},
  warn: () => {},
  detail: () => {},
  output: () => {},
  progress: () => {},
};
