// SPDX-License-Identifier: Apache-2.0
/** Asks QEMU for a model of processor, before anything is built that would run on it. */

import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { lastLines } from "../host/last-lines.js";
import { runCommand } from "../host/run-command.js";
import { type Accelerator, qemuProgram } from "./find-accelerator.js";
import { machineModel } from "./machine-type.js";
import { bareArguments } from "./qemu-arguments.js";
import { requireOwnEnd } from "./require-own-end.js";

/**
 * @param model as QEMU's -cpu takes it: "EPYC-Milan", "max,-erms"
 * @throws UklError USAGE_INVALID when it does not take it
 */
export async function requireCpuModel(ctx: Context, model: string, kind: Accelerator["kind"]): Promise<void> {
  const result = await runCommand(
    ctx,
    qemuProgram,
    [...bareArguments, "-S", "-M", machineModel("pc"), "-accel", kind, "-cpu", model, "-monitor", "stdio"],
    { input: "quit\n", allowFailure: true, timeoutMs: 30_000 },
  );
  requireOwnEnd(`ask QEMU for the processor "${model}"`, result);
  // "help" has an answer, but no machine.
  if (result.exitCode === 0 && result.stdout.includes("(qemu)")) return;
  const reason = lastLines(result.stderr).replace(/^\S+: /, "");
  // That there is no KVM is said by whoever looks for it.
  if (reason.startsWith("-accel ")) return;
  throw new UklError("USAGE_INVALID", `Cannot use the processor "${model}": ${reason || "it is none"}`, {
    hint: `See which there are: ${qemuProgram} -cpu help`,
  });
}
