// SPDX-License-Identifier: Apache-2.0
/** In which order the variants are booted. */

/**
 * The indices of so many, in pairs of rounds, forwards and backwards, which rotate from pair to pair: what the host does to
 * those that come early, late or after one another, it does to all.
 *
 * @param round from 0
 */
export function planRound(count: number, round: number): number[] {
  const order = Array.from({ length: count }, (_, index) => (index + Math.floor(round / 2)) % count);
  return round % 2 === 0 ? order : order.reverse();
}
