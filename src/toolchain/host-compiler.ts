// SPDX-License-Identifier: Apache-2.0
/** The system's own gcc and g++, which ours are made of. */

import type { Context } from "../host/context.js";
import { findProgramVersion } from "../host/program-version.js";
import { requireTools } from "../host/require-tools.js";
import { runCommand } from "../host/run-command.js";

export interface HostCompiler {
  /** Absolute paths of the drivers. */
  readonly cc: string;
  readonly cxx: string;
  /** Names the distribution's build: "gcc (Debian 12.2.0-14+deb12u1) 12.2.0". */
  readonly version: string;
}

/** @throws UklError HOST_TOOL_MISSING when a part of it is not installed and may not be */
export async function findHostCompiler(ctx: Context): Promise<HostCompiler> {
  await requireTools(ctx, ["gcc", "g++", "ld", "libc-headers"]);
  const { stdout: paths } = await runCommand(ctx, "sh", ["-c", "command -v gcc && command -v g++"]);
  const [cc = "", cxx = ""] = paths.trim().split("\n");
  return { cc, cxx, version: await findProgramVersion(ctx, cc) };
}
