// SPDX-License-Identifier: Apache-2.0
/**
 * Finds out whether KVM really runs a guest here. /dev/kvm alone says nothing, and a guest of a few instructions not
 * enough: inside some virtual machines that one runs, and an ordinary kernel meets an instruction that KVM cannot
 * emulate and hangs for ever. So the kernel itself is booted with a deadline, and the answer remembered
 * until the host is rebooted or gets another QEMU.
 */

import { access, constants, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { hashJson } from "../host/hash.js";
import { lastLines } from "../host/last-lines.js";
import { makeDirectory } from "../host/make-directory.js";
import { findProgramVersion } from "../host/program-version.js";
import { replaceFile } from "../host/replace-file.js";
import { runCommand } from "../host/run-command.js";
import { createTemporaryDirectory } from "../host/temporary-directory.js";
import { buildProbeGuest, probeMessage } from "./probe-guest.js";
import { bareArguments, bootArguments, kernelCommandLine, processorArguments } from "./qemu-arguments.js";
import { requireOwnEnd } from "./require-own-end.js";

export interface Accelerator {
  readonly kind: "kvm" | "tcg";
  /** Why this one, as the end of a sentence: "/dev/kvm does not exist". */
  readonly reason: string;
}

/** "auto" takes KVM where it works. */
export type AcceleratorChoice = "auto" | Accelerator["kind"];

export const qemuProgram = "qemu-system-x86_64";

/**
 * Chooses the accelerator.
 *
 * @param kernel the bzImage that is to run
 * @throws UklError VM_START_FAILED when KVM is demanded and does not work
 */
export async function findAccelerator(
  ctx: Context,
  wanted: AcceleratorChoice,
  kernel: string,
): Promise<Accelerator> {
  if (wanted === "tcg") return { kind: "tcg", reason: "it was asked for" };
  const found = await probeKvm(ctx, wanted, kernel);
  if (wanted === "kvm" && found.kind !== "kvm") {
    throw new UklError("VM_START_FAILED", `Cannot use KVM: ${found.reason}`, {
      hint: "Run it under emulation: --accel tcg",
    });
  }
  return found;
}

const deadlineMs = 3_000;

/** Where KVM is demanded, a remembered "no" is no answer: on a busy host the deadline may have passed. */
async function probeKvm(ctx: Context, wanted: AcceleratorChoice, kernel: string): Promise<Accelerator> {
  const obstacle = await findDeviceObstacle();
  if (obstacle !== undefined) return { kind: "tcg", reason: obstacle };
  const host = await describeHost(ctx);
  const file = path.join(ctx.cacheDir, "probe", `${hashJson(kernel).slice(0, 16)}.json`);
  const known = await loadAnswer(file, host);
  if (known !== undefined && (known.kind === "kvm" || wanted !== "kvm")) return known;
  const answer = await runProbeGuest(ctx, "kvm", { kernel, timeoutMs: deadlineMs });
  if (answer.kind !== "kvm") ctx.log.info(`KVM is not used: ${answer.reason}`);
  await makeDirectory(path.dirname(file));
  await replaceFile(file, `${JSON.stringify({ host, ...answer }, null, 2)}\n`);
  return answer;
}

async function findDeviceObstacle(): Promise<string | undefined> {
  try {
    await access("/dev/kvm", constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT"
      ? "/dev/kvm does not exist"
      : "this user may not open /dev/kvm (its group, usually kvm, may)";
  }
}

/** What the answer depends on. */
async function describeHost(ctx: Context): Promise<string> {
  const bootId = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  return `${bootId} ${await findProgramVersion(ctx, qemuProgram)}`;
}

const answerSchema = z.object({ host: z.string(), kind: z.enum(["kvm", "tcg"]), reason: z.string() });

async function loadAnswer(file: string, host: string): Promise<Accelerator | undefined> {
  try {
    const answer = answerSchema.parse(JSON.parse(await readFile(file, "utf8")));
    return answer.host === host ? { kind: answer.kind, reason: answer.reason } : undefined;
  } catch {
    return undefined;
  }
}

export interface ProbeRequest {
  /** A bzImage. */
  readonly kernel: string;
  readonly timeoutMs: number;
}

/** Boots the probe's guest under an accelerator; exported for its test, which runs it under "tcg". */
export async function runProbeGuest(
  ctx: Context,
  kind: Accelerator["kind"],
  { kernel, timeoutMs }: ProbeRequest,
): Promise<Accelerator> {
  const guest = await buildProbeGuest(ctx);
  await using directory = await createTemporaryDirectory("probe");
  try {
    const initramfs = path.join(directory.path, "initramfs.cpio");
    await writeFile(initramfs, guest);
    const args = probeArguments(kind, path.resolve(kernel), initramfs);
    const result = await runCommand(ctx, qemuProgram, args, { allowFailure: true, timeoutMs });
    if (result.stdout.includes(probeMessage)) return { kind, reason: "a small guest ran" };
    requireOwnEnd("probe KVM", result);
    const lastLine = lastLines(result.stderr || result.stdout);
    return {
      kind: "tcg",
      reason: `a small guest failed under KVM: ${lastLine || `status ${result.exitCode}`}`,
    };
  } catch (error) {
    if (!(error instanceof UklError) || error.code !== "HOST_TIMEOUT") throw error;
    return { kind: "tcg", reason: `a small guest hung under KVM for ${timeoutMs / 1_000} s` };
  }
}

function probeArguments(kind: Accelerator["kind"], kernel: string, initramfs: string): string[] {
  return [
    ...[...bareArguments, "-no-reboot"],
    ...processorArguments(kind, { cpus: 1, memoryMib: 128 }),
    ...bootArguments(kernel, initramfs, kernelCommandLine("log", ["pti=off"])),
    ...["-serial", "stdio"],
  ];
}
