// SPDX-License-Identifier: Apache-2.0
/** The environment that children get: built, not inherited, so that a user's settings cannot change a build. */

import { homedir, tmpdir } from "node:os";

export type Environment = Readonly<Record<string, string>>;

const systemDirectories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** PATH (completed by the system's own directories), HOME, a fixed locale, TMPDIR, and `extra` over them. */
export function buildEnvironment(extra: Environment = {}): Record<string, string> {
  const userDirectories = (process.env["PATH"] ?? "").split(":").filter((directory) => directory !== "");
  return {
    PATH: [...new Set([...userDirectories, ...systemDirectories])].join(":"),
    HOME: process.env["HOME"] ?? homedir(),
    LANG: "C.UTF-8",
    TMPDIR: tmpdir(),
    ...extra,
  };
}
