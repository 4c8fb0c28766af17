// SPDX-License-Identifier: Apache-2.0
/** In which order the variants are booted. */

import { createRandom } from "../host/random.js";

/**
 * The indices of so many, in pairs of rounds, forwards and backwards, in an order that differs from pair to pair: what the host
 * does to those that come early, late or far from one another, it does to all.
 *
 * @param round from 0
 */
export function planRound(count: number, round: number): number[] {
  const indices = Array.from({ length: count }, (_, index) => index);
  const order = createRandom(Math.floor(round / 2), "order of boots").sample(indices, count);
  return round % 2 === 0 ? order : order.reverse();
}
