// SPDX-License-Identifier: Apache-2.0
/** Text in HTML, in elements and in quoted attributes. */

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
