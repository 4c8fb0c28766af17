// SPDX-License-Identifier: Apache-2.0
/** Estimates what the difference between two levels is worth in cycles: exact counts times published costs. */

import { type Band, type Cost, instructionCosts, otherInstructionCost } from "./instruction-costs.js";
import { type ServerProfile, sumAreas } from "./server-profile.js";

/** What can be said of a kind of instruction. */
export interface DerivedTerm {
  readonly name: string;
  /** How many more a request has than one at the reference; exact. */
  readonly difference: number;
  /** Cycles each; undefined when none is published. */
  readonly cost: Cost | undefined;
  /** The product, its least value first; undefined without a cost. */
  readonly cycles: Band | undefined;
}

export interface DerivedDifference {
  readonly evidence: "derived";
  readonly variant: string;
  /** What it is the difference to. */
  readonly reference: string;
  readonly terms: readonly DerivedTerm[];
  /** Of the terms that have a cost: all at their least, their middle, their greatest value. */
  readonly sum: Band;
}

/** What an estimate of this kind is good for. */
export const derivedLimits =
  "This is an estimate, and only of differences: as an absolute number of cycles the model is wrong by up to 45 %. It supports no headline. Caches and the prediction of branches are not in it.";

export const otherInstructions = "other instructions";

/** The cycles that a request has more than at the reference; less than nothing when they are fewer. */
export function deriveDifference(reference: ServerProfile, profile: ServerProfile): DerivedDifference {
  const differenceOf = (count: (profile: ServerProfile) => number): number =>
    count(profile) - count(reference);
  const events = [...new Set([...reference.events.keys(), ...profile.events.keys()])];
  const terms = [
    ...events.map((name) =>
      deriveTerm(
        name,
        differenceOf(({ events }) => events.get(name) ?? 0),
        instructionCosts[name],
      ),
    ),
    // An event without a cost is none of the others, either.
    deriveTerm(otherInstructions, differenceOf(countOthers), otherInstructionCost),
  ];
  const sumOf = (which: keyof Band): number =>
    terms.reduce((sum, { cycles }) => sum + (cycles?.[which] ?? 0), 0);
  return {
    ...{ evidence: "derived", variant: profile.variant, reference: reference.variant, terms },
    sum: { low: sumOf("low"), mid: sumOf("mid"), high: sumOf("high") },
  };
}

function countOthers(profile: ServerProfile): number {
  return [...profile.events.values()].reduce((rest, count) => rest - count, sumAreas(profile));
}

function deriveTerm(name: string, difference: number, cost: Cost | undefined): DerivedTerm {
  return { name, difference, cost, cycles: cost && multiply(difference, cost) };
}

function multiply(count: number, { low, mid, high }: Band): Band {
  const [least, greatest] = count < 0 ? [high, low] : [low, high];
  return { low: count * least, mid: count * mid, high: count * greatest };
}
