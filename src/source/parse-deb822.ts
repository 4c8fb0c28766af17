// SPDX-License-Identifier: Apache-2.0
/** The format of Debian's control data: stanzas of "Field: value" with continuation lines. */

/** Field names in lower case; the lines of a value joined by "\n", without their indentation. */
export type Stanza = Readonly<Record<string, string>>;

/** Parses stanzas separated by empty lines; lines that begin with "#" are comments. */
export function parseDeb822(text: string): Stanza[] {
  return text
    .split(/\n[ \t]*\n/)
    .map(parseStanza)
    .filter((stanza) => Object.keys(stanza).length > 0);
}

function parseStanza(text: string): Stanza {
  const stanza: Record<string, string> = {};
  let field = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) continue;
    const start = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line);
    if (start !== null) {
      field = (start[1] as string).toLowerCase();
      stanza[field] = start[2] as string;
    } else if (field !== "" && /^[ \t]/.test(line)) {
      stanza[field] = `${stanza[field]}\n${line.trim()}`.trim();
    }
  }
  return stanza;
}
