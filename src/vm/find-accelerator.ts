// SPDX-License-Identifier: Apache-2.0
/**
 * Finds out whether KVM really runs a guest here. /dev/kvm alone says nothing: inside some virtual machines
 * it is there and an ordinary guest hangs in it for ever. So a tiny guest is run with a deadline, and
 * the answer remembered until the host is rebooted or gets another QEMU.
 */

import { access, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";
import { buildProbeDisk, probeExitCode } from "./probe-guest.js";

export interface Accelerator {
  readonly kind: "kvm" | "tcg";
  /** Why this one, as the end of a sentence: "/dev/kvm does not exist". */
  readonly reason: string;
}

export const qemuProgram = "qemu-system-x86_64";

/**
 * Chooses the accelerator.
 *
 * @param wanted "auto" takes KVM where it works
 * @throws UklError VM_START_FAILED when KVM is demanded and does not work
 */
export async function findAccelerator(ctx: Context, wanted: "auto" | "kvm" | "tcg"): Promise<Accelerator> {
  if (wanted === "tcg") return { kind: "tcg", reason: "it was asked for" };
  const found = await probeKvm(ctx);
  if (wanted === "kvm" && found.kind !== "kvm") {
    throw new UklError("VM_START_FAILED", `Cannot use KVM: ${found.reason}`, {
      hint: "Run it under emulation: --accel tcg",
    });
  }
  return found;
}

const deadlineMs = 3_000;

async function probeKvm(ctx: Context): Promise<Accelerator> {
  const obstacle = await findDeviceObstacle();
  if (obstacle !== undefined) return { kind: "tcg", reason: obstacle };
  const host = await describeHost(ctx);
  const file = path.join(ctx.cacheDir, "probe", "accelerator.json");
  const known = await loadAnswer(file, host);
  if (known !== undefined) return known;
  const answer = await runProbeGuest(ctx, "kvm", deadlineMs);
  if (answer.kind !== "kvm") ctx.log.info(`KVM is not used: ${answer.reason}`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.${process.pid}`, `${JSON.stringify({ host, ...answer }, null, 2)}\n`);
  await rename(`${file}.${process.pid}`, file);
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
  const { stdout } = await runCommand(ctx, qemuProgram, ["--version"]);
  return `${bootId} ${stdout.split("\n")[0]}`;
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

/** Runs the tiny guest under an accelerator; exported for its test, which runs it under "tcg". */
export async function runProbeGuest(
  ctx: Context,
  kind: Accelerator["kind"],
  timeoutMs: number,
): Promise<Accelerator> {
  const directory = await mkdtemp(path.join(tmpdir(), "ukl-probe-"));
  try {
    const disk = path.join(directory, "disk");
    await writeFile(disk, buildProbeDisk());
    const result = await runCommand(ctx, qemuProgram, probeArguments(kind, disk), {
      allowFailure: true,
      timeoutMs,
    });
    if (result.exitCode === probeExitCode) return { kind, reason: "a small guest ran" };
    const lastLine = result.stderr.trim().split("\n").at(-1);
    return {
      kind: "tcg",
      reason: `a small guest failed under KVM: ${lastLine || `status ${result.exitCode}`}`,
    };
  } catch (error) {
    if (!(error instanceof UklError) || error.code !== "HOST_TIMEOUT") throw error;
    return { kind: "tcg", reason: `a small guest hung under KVM for ${timeoutMs / 1_000} s` };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function probeArguments(kind: Accelerator["kind"], disk: string): string[] {
  return [
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
    ...["-M", "pc", "-accel", kind, "-cpu", kind === "kvm" ? "host" : "max", "-m", "16"],
    ...["-drive", `file=${disk.replaceAll(",", ",,")},format=raw,if=floppy,readonly=on`],
    ...["-device", "isa-debug-exit,iobase=0xf4,iosize=4"],
  ];
}
