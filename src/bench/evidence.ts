// SPDX-License-Identifier: Apache-2.0
/** The classes of evidence: how figures come about, what they support, and the words for them. */

/**
 * `exact` are counts of the guest's instructions; `kvm` times where the processor itself runs the guest; `emulated-wall`
 * times of an emulator, of which nothing can be claimed.
 */
export type Evidence = "exact" | "kvm" | "emulated-wall";

/** How a report speaks of its figures. */
export interface EvidenceWords {
  /** What a figure is a number of. */
  readonly unit: string;
  /** Of the figures' section. */
  readonly heading: string;
  /** What the figures are of, as in "change in instructions". */
  readonly subject: string;
  /** What a program does with fewer or more of them than another: "executes fewer instructions". */
  readonly verb: string;
  readonly fewer: string;
  readonly more: string;
  /** Under a table on a terminal. */
  readonly legend: string;
  /** Of the emulator, for its clock. */
  readonly clock: string;
  /** Of the program that measures, in the list of what was measured on. */
  readonly program: string;
  /** What a ratio is that was made in these runs: seeds or rounds. */
  readonly ratios: (runs: readonly number[]) => string;
  /** When it may be called a difference; and whether it ever may. */
  readonly claims: string;
  readonly supportsClaims: boolean;
  /** What must not be read into the figures. */
  readonly limits: string;
}

const time = {
  ...{ unit: "nanoseconds", heading: "Time, relative to stock Linux", subject: "time" },
  ...{ verb: "takes", fewer: "less time", more: "more time" },
  legend:
    "A ratio is to the first column, round by round: its median, and in brackets its interval of 95 % by the bootstrap, which few rounds make too narrow.\n" +
    "What is marked with = is no difference that can be claimed.",
  ...{ clock: "", program: "Measuring program" },
  ratios: (rounds: readonly number[]) =>
    `A ratio is the median over ${rounds.length} rounds, in each of which every variant is booted once, with its interval of 95 % in brackets (percentile bootstrap, too narrow after few rounds).`,
} as const;

export const evidenceWords = {
  exact: {
    ...{ unit: "instructions", heading: "Instructions, relative to stock Linux", subject: "instructions" },
    ...{ verb: "executes", fewer: "fewer instructions", more: "more instructions" },
    legend:
      "A ratio is to the first column, seed by seed: its median, and in brackets its range where that is more than nothing.\n" +
      "What is marked with = is no difference that can be claimed.",
    ...{ clock: " -icount shift=0,sleep=off", program: "Counting program" },
    ratios: (seeds) =>
      `A ratio is the median over the seeds ${seeds.join(", ")}, with its range in brackets; each seed is another layout of the kernel.`,
    claims: "A difference is claimed when it is more than 0.3 % and more than twice the range",
    supportsClaims: true,
    limits:
      "All figures are counts of executed instructions. They say nothing about time, throughput or latency: an instruction that changes the ring, or a miss of a cache, counts as one like any other.",
  },
  kvm: {
    ...time,
    claims:
      "A difference is claimed after 20 rounds or more when the interval does not hold 1, and it is more than the width of the baseline's interval against itself",
    supportsClaims: true,
    limits:
      "All figures are times of this machine and its processor, on one CPU of a guest. They say nothing about other machines.",
  },
  "emulated-wall": {
    ...time,
    claims: "No difference is claimed, however large it seems",
    supportsClaims: false,
    limits:
      "These are times of an emulator: no difference is claimed. They differ from run to run by 2 % on a quiet host and 15 % on a busy one, and what is expensive for a processor (changing the ring, missing a cache) is not what is expensive for an emulator. They show that everything works, and gross regressions.",
  },
} as const satisfies Readonly<Record<Evidence, EvidenceWords>>;
