// SPDX-License-Identifier: Apache-2.0
/** Boots a guest, does something with it, ends it, and collects what was wrong. */

import { setTimeout as pause } from "node:timers/promises";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import type { Machine } from "../vm/machine.js";
import { describeExit, type MachineExit } from "../vm/machine-exit.js";
import { judgeProblems, type OomVictim } from "./judge-problems.js";
import type { Figures, ScenarioOutcome } from "./scenario.js";
import { type Guest, type GuestRequest, startGuest } from "./start-guest.js";

export interface GuestDrive {
  readonly request: GuestRequest;
  /** Whom the kernel may end when memory runs out; default nobody. */
  readonly mayEnd?: (victim: OomVictim) => boolean;
  /** `work` cuts the power; otherwise the guest has to be well enough to switch itself off. */
  readonly cut?: boolean;
  /** Redis listens. What it throws is a finding. */
  readonly work: (guest: Guest) => Promise<Figures>;
}

/** @throws UklError for what is not the guest's fault */
export async function driveGuest(ctx: Context, drive: GuestDrive): Promise<ScenarioOutcome> {
  const { request, mayEnd = () => false, cut = false } = drive;
  await using guest = await startGuest(ctx, request);
  const { figures, finding } = await work(ctx, guest, drive);
  const exit = await (finding === undefined ? guest.machine.exited : endFailed(guest.machine));
  ctx.signal.throwIfAborted();
  const { problems } = judgeProblems(await guest.machine.problems, mayEnd);
  return {
    figures,
    problems,
    findings: [finding, checkExit(exit, cut || finding !== undefined)].filter((text) => text !== undefined),
  };
}

async function work(
  ctx: Context,
  guest: Guest,
  { work, cut = false }: GuestDrive,
): Promise<{ readonly figures: Figures; readonly finding?: string }> {
  try {
    await guest.startRedis();
    const figures = await work(guest);
    if (!cut) guest.shell.end();
    return { figures };
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (!(error instanceof Error) || error instanceof UklError) throw error;
    ctx.log.detail(error.stack ?? "");
    return { figures: {}, finding: error.message };
  }
}

/** One that is ending by itself, and thereby failed the work, says why. */
async function endFailed(machine: Machine): Promise<MachineExit> {
  const controller = new AbortController();
  const late = pause(lastWordsMs, undefined, { signal: controller.signal }).catch(() => undefined);
  const exit = await Promise.race([machine.exited, late]);
  controller.abort();
  return exit ?? machine.stop();
}

const lastWordsMs = 1_000;

/** A kernel that failed has its own place in the outcome. */
function checkExit(exit: MachineExit, ended: boolean): string | undefined {
  switch (exit.kind) {
    case "timeout":
      return `The guest hung: it was ended after ${exit.timeoutMs / 1_000} s`;
    case "lost":
      return describeExit(exit);
    case "panic":
      return undefined;
    case "exit":
      return ended || exit.status === 0 ? undefined : `The guest's shell ended with status ${exit.status}`;
    default:
      return ended ? undefined : describeExit(exit);
  }
}
