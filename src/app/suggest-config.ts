// SPDX-License-Identifier: Apache-2.0
/** From what was found in a directory to its configuration, as an object and as a file. */

import type { AppConfig } from "../config/define-app.js";
import type { BuildFinding, DirectoryDescription } from "./describe-directory.js";

/** The configuration that fits one of the ways to build; a program that could not be seen is called like the directory. */
export function suggestConfig(
  description: DirectoryDescription,
  { build, programs }: BuildFinding,
): AppConfig {
  const { name, ports } = description;
  return {
    name,
    build,
    ...(programs === undefined ? {} : { program: programs[0] ?? name }),
    ...(ports.length === 0 ? {} : { ports }),
  };
}

/** The text of a `ukl.config.ts`. */
export function formatAppConfig(config: AppConfig): string {
  const lines = Object.entries(config).map(([key, value]) => `  ${key}: ${formatValue(value)},\n`);
  return `import { defineApp } from "ukl";\n\nexport default defineApp({\n${lines.join("")}});\n`;
}

function formatValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatValue).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, item]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: ${formatValue(item)}`,
  );
  return `{ ${entries.join(", ")} }`;
}
