// SPDX-License-Identifier: Apache-2.0
/**
 * Finds the line of a configuration that a problem is about. What a configuration exports is known only after it has
 * run, when its places are gone; but nearly all of them write their object down, so a reader that knows no more of the
 * language than its words and brackets finds them again. What it does not find it places at the object's beginning.
 */

interface Token {
  readonly text: string;
  readonly line: number;
}

/**
 * @param text the configuration as it is written
 * @param path the keys and indices that lead to the place
 * @returns from 1; of the nearest place around it that is written down
 */
export function findConfigLine(text: string, path: readonly PropertyKey[]): number {
  const tokens = tokenize(text);
  const start = findExportedObject(tokens);
  let at = start;
  let line = tokens[at]?.line ?? 1;
  for (const key of path) {
    const entry = findEntry(tokens, at, key);
    if (entry === undefined) break;
    line = tokens[entry.start]?.line ?? line;
    at = entry.value;
  }
  return line;
}

/** What cannot be confused: blanks and comments, strings, words and numbers, one character of anything else. */
const tokenPattern =
  /(?<blank>\s+|\/\/.*|\/\*[\s\S]*?\*\/)|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`|[\w$]+|[\s\S]/gy;

/** A regular expression, where one may begin: it may hold quotes and brackets. */
const expressionPattern = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const pattern =
      text[at] === "/" && startsExpression(text.slice(at, at + 2), tokens) ? expressionPattern : tokenPattern;
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    const found = match?.[0] ?? (text[at] as string);
    if (match?.groups?.["blank"] === undefined) tokens.push({ text: found, line });
    line += found.split("\n").length - 1;
    at += found.length;
  }
  return tokens;
}

function startsExpression(text: string, before: readonly Token[]): boolean {
  if (text === "//" || text === "/*") return false;
  const last = before.at(-1)?.text ?? "";
  return last === "return" || /^[(,=:[!&|?{};>]$/.test(last);
}

/** The index of the bracket that opens what `export default` gives, directly, through a call, or by a variable's name. */
function findExportedObject(tokens: readonly Token[]): number {
  const exported = tokens.findIndex(
    ({ text }, index) => text === "export" && tokens[index + 1]?.text === "default",
  );
  if (exported < 0) return 0;
  const name = tokens[exported + 2]?.text ?? "";
  const isVariable = /^[\w$]+$/.test(name) && tokens[exported + 3]?.text !== "(";
  const declared = isVariable
    ? tokens.findIndex(
        ({ text }, index) => text === name && /^(const|let|var)$/.test(tokens[index - 1]?.text ?? ""),
      )
    : -1;
  const from = declared < 0 ? exported : declared;
  const object = tokens.findIndex(({ text }, index) => index > from && text === "{");
  return object < 0 ? from : object;
}

/** The entry of an object or array literal: where it starts, and where its value does. */
function findEntry(
  tokens: readonly Token[],
  open: number,
  key: PropertyKey,
): { start: number; value: number } | undefined {
  const bracket = tokens[open]?.text;
  if (bracket !== "{" && bracket !== "[") return undefined;
  let index = 0;
  for (let start = open + 1; start < tokens.length && !isClosing(tokens[start]); index++) {
    if (bracket === "[" && index === key) return { start, value: start };
    if (bracket === "{" && nameOf(tokens, start) === String(key))
      return { start, value: tokens[start + 1]?.text === ":" ? start + 2 : start };
    start = endOfEntry(tokens, start);
  }
  return undefined;
}

/** Methods may be `async name()`. */
function nameOf(tokens: readonly Token[], start: number): string {
  const [first, second] = [tokens[start]?.text ?? "", tokens[start + 1]?.text ?? ""];
  const name = first === "async" && /^[\w$]/.test(second) ? second : first;
  return name.replaceAll(/^["'](.*)["']$/g, "$1");
}

/** The index behind the comma that ends the entry, or of the bracket that ends them all. */
function endOfEntry(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at++) {
    const { text } = tokens[at] as Token;
    if (/^[([{]$/.test(text)) depth++;
    else if (isClosing(tokens[at])) {
      if (depth === 0) return at;
      depth--;
    } else if (text === "," && depth === 0) return at + 1;
  }
  return tokens.length;
}

function isClosing(token: Token | undefined): boolean {
  return /^[)\]}]$/.test(token?.text ?? "");
}
