// SPDX-License-Identifier: Apache-2.0
/** What a TypeScript application can import besides files and packages, and what it can not. */

import { isBuiltin } from "node:module";
import { packagePath } from "../host/package-path.js";

/** The modules of the documented API: "ukl:http" is userland/typescript/http.ts. */
export const guestModules = ["ukl:fs", "ukl:http", "ukl:net", "ukl:process"] as const;

/** Where they are, with all that they are made of. */
export const guestModulesDirectory = packagePath("userland", "typescript");

/** Why a module cannot be imported and what can be used instead; undefined when it is none of Node.js's own. */
export function explainBuiltin(name: string): string | undefined {
  if (!isBuiltin(name)) return undefined;
  const [base = ""] = name.replace(/^node:/, "").split("/");
  const instead = replacements[base];
  return instead === undefined
    ? `"${name}" is a part of Node.js, which is not in the image; there are ${guestModules.join(", ")}`
    : `"${name}" is a part of Node.js, which is not in the image: use ${instead}`;
}

const replacements: Readonly<Record<string, string>> = {
  fs: '"ukl:fs"',
  net: '"ukl:net"',
  http: '"ukl:http"',
  process: '"ukl:process"',
  console: "the global console",
  timers: "the global setTimeout",
  util: "the globals TextEncoder and TextDecoder",
};
