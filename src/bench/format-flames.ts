// SPDX-License-Identifier: Apache-2.0
/** A flame graph as SVG, from the top down: who called whom, and how many instructions each took with what it called. */

import { escapeHtml } from "./escape-html.js";
import type { CallPath } from "./server-profile.js";

interface Flame {
  readonly name: string;
  readonly area: string;
  /** Of the function and all that it called. */
  instructions: number;
  readonly callees: Map<string, Flame>;
}

const width = 1000;
const rowHeight = 16;
/** Of a letter, about. */
const letterWidth = 6.2;
/** What is narrower is left out. */
const leastWidth = 0.5;

/**
 * @param total the instructions that are as wide as the drawing
 * @param colourOf a colour of CSS for an area
 */
export function formatFlames(
  calls: readonly CallPath[],
  total: number,
  colourOf: (area: string) => string,
): string {
  const scale = width / total;
  let depth = 0;
  const draw = (flames: Iterable<Flame>, left: number, row: number): string => {
    let x = left;
    return [...flames]
      .map((flame) => {
        const [start, size] = [x, flame.instructions * scale];
        x += size;
        if (size < leastWidth) return "";
        depth = Math.max(depth, row + 1);
        const box = formatBox(flame, { x: start, row, size, colour: colourOf(flame.area) });
        return box + draw(flame.callees.values(), start, row + 1);
      })
      .join("");
  };
  const boxes = draw(gather(calls).values(), 0, 0);
  return `<svg class="flames" viewBox="0 0 ${width} ${depth * rowHeight}" role="img" aria-label="Flame graph: which function called which">${boxes}</svg>`;
}

/** Paths with a common beginning share it. */
function gather(calls: readonly CallPath[]): Map<string, Flame> {
  const roots = new Map<string, Flame>();
  for (const { path, instructions } of calls) {
    let level = roots;
    for (const { name, area } of path) {
      const flame = level.get(name) ?? { name, area, instructions: 0, callees: new Map<string, Flame>() };
      level.set(name, flame);
      flame.instructions += instructions;
      level = flame.callees;
    }
  }
  return roots;
}

interface Box {
  readonly x: number;
  readonly row: number;
  readonly size: number;
  readonly colour: string;
}

function formatBox({ name, area, instructions }: Flame, { x, row, size, colour }: Box): string {
  const y = row * rowHeight;
  const letters = Math.floor((size - 6) / letterWidth);
  const label = letters < 3 ? "" : name.length <= letters ? name : `${name.slice(0, letters - 1)}…`;
  const title = `<title>${escapeHtml(name)} (${escapeHtml(area)}): ${Math.round(instructions)}</title>`;
  const box = `<rect x="${x.toFixed(1)}" y="${y}" width="${size.toFixed(1)}" height="${rowHeight - 1}" fill="${colour}">${title}</rect>`;
  if (label === "") return box;
  return `${box}<text x="${(x + 3).toFixed(1)}" y="${y + 11}">${escapeHtml(label)}</text>`;
}
