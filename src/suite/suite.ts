// SPDX-License-Identifier: Apache-2.0
/** A test suite that others wrote, and that runs inside of a guest: what the runs of all of them need to know. */

import type { Context } from "../host/context.js";
import type { GuestFiles } from "../image/load-guest-files.js";

export interface ForeignSuite {
  readonly name: string;
  /** One line: whose tests, and what they test. */
  readonly summary: string;
  /** Builds and fetches everything. What no wanted item needs, and its items, may be left out. */
  readonly prepare: (ctx: Context, isWanted: (item: string) => boolean) => Promise<PreparedSuite>;
}

export interface PreparedSuite {
  /** Of what is tested. */
  readonly version: string;
  /** The programs under test, which are the same at every level, and what drives them. */
  readonly files: GuestFiles;
  readonly items: readonly SuiteItem[];
  /** Tests of the suite that are not among the items. */
  readonly leftOut: readonly LeftOut[];
  /** Of the guest, besides what its files take. */
  readonly memoryMib: number;
  readonly cpus: number;
  /** How many items run in one boot, one after the other. */
  readonly itemsPerBoot: number;
}

/** What is run as a process of its own: a file of tests, or a program that is one. */
export interface SuiteItem {
  readonly name: string;
  /** For the guest's shell. */
  readonly command: string;
  readonly timeoutS: number;
  /** The path of a file that no other item needs: others' guests go without. */
  readonly ownFile?: string;
  /** The results that it printed. */
  readonly parse: (run: ItemRun) => readonly SuiteTest[];
}

export interface ItemRun {
  /** The exit status; 128+n after death by signal n. */
  readonly status: number;
  /** Standard output and standard error. */
  readonly output: string;
  /** It did not end by itself. */
  readonly timedOut: boolean;
}

export interface SuiteTest {
  /** Unique in its item. */
  readonly name: string;
  readonly outcome: Outcome;
  /** What was said about it. */
  readonly detail?: string;
}

export const outcomes = ["passed", "failed", "skipped", "timed-out"] as const;

/** `timed-out` when it did not get its turn, or did not end, in the time that its item had. */
export type Outcome = (typeof outcomes)[number];

/** The result that stands for an item itself: only there when it did not pass. */
export const wholeItem = "runs to its end";

/** Why a part of the suite does not run. */
export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

/** Where the suite's files are in the guest, and where its commands begin. */
export const suiteDirectory = "/suite";
