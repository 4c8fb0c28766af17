// SPDX-License-Identifier: MIT
/** Values as people read them. */

/** Strings are quoted; what is nested too deeply, or contains itself, is only named. */
export function inspect(value: unknown, depth = 0, above: readonly object[] = []): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "function":
      return `[function ${value.name || "(anonymous)"}]`;
    case "object":
      return value === null ? "null" : inspectObject(value, depth, above);
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
}

const depthLimit = 4;
const itemLimit = 100;
const lineWidth = 100;

function inspectObject(value: object, depth: number, above: readonly object[]): string {
  if (above.includes(value)) return "[circular]";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Error) return `[${value.name}: ${value.message}]`;
  const name = nameOf(value);
  if (depth > depthLimit) return `[${name}]`;
  const show = (item: unknown): string => inspect(item, depth + 1, [...above, value]);
  if (Array.isArray(value)) return bracket("", "[", value.map(show), "]", depth);
  if (ArrayBuffer.isView(value) && "length" in value)
    return bracket(`${name}(${value.length}) `, "[", Array.from(value as Uint8Array, show), "]", depth);
  if (value instanceof Map) {
    const pairs = Array.from(value, ([key, item]) => `${show(key)} => ${show(item)}`);
    return bracket(`${name}(${value.size}) `, "{", pairs, "}", depth);
  }
  if (value instanceof Set)
    return bracket(`${name}(${value.size}) `, "{", Array.from(value, show), "}", depth);
  const fields = Object.entries(value).map(([key, item]) => `${nameField(key)}: ${show(item)}`);
  return bracket(name === "Object" ? "" : `${name} `, "{", fields, "}", depth);
}

function nameOf(value: object): string {
  return value.constructor?.name || "Object";
}

function nameField(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

function bracket(name: string, open: string, items: readonly string[], close: string, depth: number): string {
  const shown = items.slice(0, itemLimit);
  if (shown.length < items.length) shown.push(`… ${items.length - shown.length} more`);
  if (shown.length === 0) return `${name}${open}${close}`;
  const line = shown.join(", ");
  const space = open === "{" ? " " : "";
  if (line.length <= lineWidth && !line.includes("\n"))
    return `${name}${open}${space}${line}${space}${close}`;
  const margin = "  ".repeat(depth + 1);
  return `${name}${open}\n${shown.map((item) => `${margin}${item}`).join(",\n")}\n${"  ".repeat(depth)}${close}`;
}
