// SPDX-License-Identifier: Apache-2.0
/** Calls the kernel's own build system, always in a directory of its own (O=). */

import { availableParallelism } from "node:os";
import type { Context } from "../host/context.js";
import { findProgram } from "../host/requirements.js";
import { type CommandResult, runCommand } from "../host/run-command.js";

export interface KbuildRequest {
  /** The source tree. */
  readonly source: string;
  /** The build directory. */
  readonly output: string;
  readonly targets: readonly string[];
  /** In addition to the kernel's own. */
  readonly compilerFlags?: readonly string[];
  readonly logFile: string;
  /** Called with each line that kbuild prints: "  CC      kernel/fork.o". */
  readonly onOutput?: (line: string) => void;
}

/** Runs make in a kernel tree. */
export async function kbuild(ctx: Context, request: KbuildRequest): Promise<CommandResult> {
  const ccache = await findProgram("ccache");
  const { source, output, targets, compilerFlags = [], logFile, onOutput } = request;
  const args = [
    ...["-C", source, `O=${output}`, "ARCH=x86_64", `-j${availableParallelism()}`],
    ...(compilerFlags.length === 0 ? [] : [`KCFLAGS=${compilerFlags.join(" ")}`]),
    ...(ccache === undefined ? [] : [`CC=${ccache} gcc`, `HOSTCC=${ccache} gcc`]),
    ...targets,
  ];
  return runCommand(ctx, "make", args, {
    env: reproducible,
    logFile,
    ...(onOutput === undefined ? {} : { onOutput }),
  });
}

/** What a kernel would otherwise take from the clock, the user and the machine. */
const reproducible = {
  KBUILD_BUILD_TIMESTAMP: "Thu Jan  1 00:00:00 UTC 1970",
  KBUILD_BUILD_USER: "ukl",
  KBUILD_BUILD_HOST: "ukl",
  KBUILD_BUILD_VERSION: "1",
  SOURCE_DATE_EPOCH: "0",
};
