// SPDX-License-Identifier: Apache-2.0
/** Where a request's instructions are, as one HTML file: a bar for each level, and a table. */

import { deriveDifference } from "./derive-cycles.js";
import { escapeHtml } from "./escape-html.js";
import { formatDerived } from "./format-derived.js";
import { formatFlames } from "./format-flames.js";
import { formatPage } from "./format-page.js";
import { type ServerProfile, sumAreas } from "./server-profile.js";

/** The parts of a server's request, those that are the most at any level first. */
export function listAreas(profiles: readonly ServerProfile[]): string[] {
  const most = (area: string): number => Math.max(...profiles.map(({ areas }) => areas.get(area) ?? 0));
  return [...new Set(profiles.flatMap(({ areas }) => [...areas.keys()]))].sort((a, b) => most(b) - most(a));
}

/** The expensive instructions that occur at any level. */
export function listEvents(profiles: readonly ServerProfile[]): string[] {
  const names = new Set(profiles.flatMap(({ events }) => [...events.keys()]));
  return [...names].filter((name) => profiles.some(({ events }) => (events.get(name) ?? 0) > 0));
}

export function formatEvents(count = 0): string {
  return count.toFixed(1);
}

/**
 * @param title as "GET of redis"
 * @param profiles the first is what the others are compared with
 */
export function formatProfile(title: string, profiles: readonly ServerProfile[]): string {
  const areas = listAreas(profiles);
  const most = Math.max(...profiles.map(sumAreas));
  const drawFlames = ({ calls }: ServerProfile): string =>
    `<div class="scroll">${formatFlames(calls, most, (area) => colourOf(areas.indexOf(area)))}</div>`;
  const heads = profiles.map(({ variant }) => `<th scope="col">${escapeHtml(variant)}</th>`).join("");
  const formatRow = (name: string, textOf: (profile: ServerProfile) => string): string =>
    `<tr><th scope="row">${escapeHtml(name)}</th>${profiles.map((profile) => `<td>${textOf(profile)}</td>`).join("")}</tr>`;
  const row = (name: string, countOf: (profile: ServerProfile) => number): string =>
    formatRow(name, (profile) => String(Math.round(countOf(profile))));
  return formatPage(
    escapeHtml(title),
    `<h1>Unikernel Linux: where the instructions of a ${escapeHtml(title)} are</h1>
<p>Of the server, from the switch to it to the switch away from it, with the interrupts that come meanwhile.
<span class="badge">evidence: exact</span></p>
${formatBars(areas, profiles)}
<div class="scroll"><table>
<thead><tr><th scope="col">Part, instructions per request</th>${heads}</tr></thead>
<tbody>
${areas.map((area) => row(area, ({ areas }) => areas.get(area) ?? 0)).join("\n")}
${row("together", sumAreas)}
</tbody></table></div>
<h2>Expensive instructions</h2>
<p>What changes the ring, the address space or the order of memory accesses, a request.</p>
<div class="scroll"><table>
<thead><tr><th scope="col">Instruction</th>${heads}</tr></thead>
<tbody>
${listEvents(profiles)
  .map((name) => formatRow(name, ({ events }) => formatEvents(events.get(name))))
  .join("\n")}
</tbody></table></div>
${formatDerived(profiles.slice(1).map((profile) => deriveDifference(profiles[0] as ServerProfile, profile)))}
<h2>Who called whom</h2>
<p>A box is as wide as the instructions of a function and of all that it called; all drawings have the same scale, and the colours of
the bars. The wide box at the top is the program, which makes the system calls below it.</p>
${profiles.map((profile) => `<h3>${escapeHtml(profile.variant)}</h3>\n${drawFlames(profile)}`).join("\n")}
<p>A function of the kernel belongs to the part whose object file it is in. ${profiles[0]?.requests ?? 0} requests, one at a time, seed 1,
the kernel at its own address.</p>`,
  );
}

/** Of a phone: larger screens scale it up. */
const width = 400;
const rowHeight = 36;
/** The name, which may be as long as all options of a kernel, is above the bar. */
const labelHeight = 14;

function formatBars(areas: readonly string[], profiles: readonly ServerProfile[]): string {
  const scale = width / Math.max(...profiles.map(sumAreas));
  const bars = profiles.map((profile, index) => {
    const y = index * rowHeight;
    let x = 0;
    const parts = areas.map((area, part) => {
      const count = profile.areas.get(area) ?? 0;
      const left = x;
      x += count * scale;
      return `<rect x="${left.toFixed(1)}" y="${y + labelHeight}" width="${(x - left).toFixed(1)}" height="${rowHeight - labelHeight - 6}" fill="${colourOf(part)}"><title>${escapeHtml(area)}: ${Math.round(count)}</title></rect>`;
    });
    return `<text x="0" y="${y + 10}">${escapeHtml(profile.variant)}</text>${parts.join("")}`;
  });
  const top = profiles.length * rowHeight + 6;
  const keys = areas.map((area, part) => {
    const [x, y] = [(part % 2) * (width / 2), top + Math.floor(part / 2) * 16];
    return `<rect x="${x}" y="${y}" width="10" height="10" fill="${colourOf(part)}"/><text x="${x + 16}" y="${y + 9}">${escapeHtml(area)}</text>`;
  });
  const height = top + Math.ceil(areas.length / 2) * 16;
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Instructions of a request by part">${bars.join("")}${keys.join("")}</svg>`;
}

/** Neighbours differ in hue by the golden angle, and all can be seen on white and on black. */
function colourOf(part: number): string {
  return `hsl(${Math.round(part * 137.5 + 210) % 360} 45% ${part % 2 === 0 ? 45 : 60}%)`;
}
