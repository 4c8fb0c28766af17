// SPDX-License-Identifier: Apache-2.0
/**
 * Boots a machine that measures, and waits for its end: one processor, an initramfs, a console, and nothing that would bring
 * other work of the host into it, no network card and no disk.
 */

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { lastLines } from "../host/last-lines.js";
import { type CommandResult, runCommand } from "../host/run-command.js";
import { noSpaceError } from "../host/system-error.js";
import { createTemporaryDirectory } from "../host/temporary-directory.js";
import { type Accelerator, qemuProgram } from "../vm/find-accelerator.js";
import { explainProblem, findKernelProblems } from "../vm/kernel-log.js";
import {
  defaultMachineType,
  type MachineType,
  machineKernelArguments,
  machineModel,
} from "../vm/machine-type.js";
import { bareArguments, bootArguments } from "../vm/qemu-arguments.js";
import { requireOwnEnd } from "../vm/require-own-end.js";

/** What is booted. */
export interface BootableFile {
  /** What QEMU takes for a kernel. */
  readonly file: string;
  /** Its /init starts the program on the kernel's console, and powers the machine off. Undefined: the kernel's own. */
  readonly initramfs: Uint8Array | undefined;
  /** Added to the kernel's command line. */
  readonly kernelArguments: readonly string[];
}

/** The machine, which may differ from run to run, and what is found with it. */
export interface BenchHardware {
  /** Default "pc". */
  readonly machine?: MachineType | undefined;
  /** As QEMU names it; the default is the instrument's. */
  readonly cpuModel?: string | undefined;
}

export interface GuestBoot extends BootableFile, BenchHardware {
  /** For messages: "redis at level base, seed 1". */
  readonly title: string;
  /** Decides every random number of the guest, and so where the kernel lies. */
  readonly seed: number;
  /** Default 256. */
  readonly memoryMib?: number | undefined;
  /** Default ten minutes. */
  readonly timeoutMs?: number | undefined;
}

/** What makes the machine one for counting, or for measuring in time. */
export interface GuestClock {
  readonly accelerator: Accelerator["kind"];
  readonly cpuModel: string;
  /** For QEMU. */
  readonly arguments: readonly string[];
}

/**
 * Boots the machine and waits for its end.
 *
 * @returns all that was written to the console, the kernel's messages with the program's
 * @throws UklError VM_PANIC, BENCH_FAILED when the kernel or the program failed; VM_START_FAILED when QEMU did, and
 *   HOST_COMMAND_FAILED when something else ended it; HOST_TIMEOUT
 */
export async function runGuest(ctx: Context, boot: GuestBoot, clock: GuestClock): Promise<string> {
  await using directory = await createTemporaryDirectory("bench");
  const initramfs = path.join(directory.path, "initramfs.cpio");
  const output = path.join(directory.path, "console.log");
  if (boot.initramfs !== undefined) await writeFile(initramfs, boot.initramfs);
  await writeFile(output, "");
  await runMachine(ctx, boot, guestArguments(boot, clock, { initramfs, output }));
  const text = (await readFile(output, "utf8")).replaceAll("\r\n", "\n");
  ctx.log.output(text);
  checkConsole(boot.title, text);
  return text;
}

async function runMachine(ctx: Context, { title, timeoutMs = defaultTimeoutMs }: GuestBoot, args: string[]) {
  const result = await runCommand(ctx, qemuProgram, args, { timeoutMs, allowFailure: true }).catch(
    (error: unknown) => {
      if (!(error instanceof UklError) || error.code !== "HOST_TIMEOUT") throw error;
      throw new UklError(
        "HOST_TIMEOUT",
        `Cannot measure ${title}: it still ran after ${timeoutMs / 1_000} s`,
        {
          hint: "Try again when the host has less other work",
          cause: error,
        },
      );
    },
  );
  checkEnd(title, result);
}

/** Throws when QEMU has not ended well; exported for its test. */
export function checkEnd(title: string, result: Pick<CommandResult, "exitCode" | "signal" | "stderr">): void {
  requireOwnEnd(`measure ${title}`, result);
  if (result.exitCode === 0) return;
  const said = result.stderr.trimEnd() || `it ended with status ${result.exitCode}`;
  if (/No space left on device/.test(said)) throw noSpaceError(`measure ${title}`);
  const hint = "Show how it was called with -v";
  // All registers follow.
  const fatal = /^qemu: fatal: (.*)/m.exec(said)?.[1];
  if (fatal !== undefined)
    throw new UklError("VM_PANIC", `Cannot measure ${title}: the machine cannot go on: ${fatal}`, { hint });
  throw new UklError("VM_START_FAILED", `Cannot measure ${title}: QEMU said: ${said}`, { hint });
}

const defaultTimeoutMs = 600_000;

/** QEMU's arguments; exported for the instruments' tests. */
export function guestArguments(
  boot: GuestBoot,
  clock: GuestClock,
  { initramfs, output }: { readonly initramfs: string; readonly output: string },
): string[] {
  const { file, memoryMib = 256, machine = defaultMachineType } = boot;
  return [
    ...[...bareArguments, "-no-reboot"],
    ...["-M", machineModel(machine), "-accel", clock.accelerator, "-cpu", clock.cpuModel],
    ...["-smp", "1", "-m", `${memoryMib}M`],
    ...clock.arguments,
    ...["-nic", "none", "-serial", `file:${output}`],
    ...bootArguments(
      file,
      boot.initramfs && initramfs,
      [...commonKernelArguments, ...machineKernelArguments(machine), ...boot.kernelArguments].join(" "),
    ),
  ];
}

/**
 * "quiet": what the kernel says while it boots is instructions, too, and of no interest. UKL_NO_REBOOT is for /init: a
 * kernel without ACPI ends the machine by restarting it.
 */
const commonKernelArguments = ["console=ttyS0", "no_timer_check", "panic=-1", "quiet", "UKL_NO_REBOOT=1"];

/** Throws when the kernel or the program failed; exported for its test. */
export function checkConsole(title: string, text: string): void {
  const [problem] = findKernelProblems(text);
  if (problem !== undefined)
    throw new UklError("VM_PANIC", `Cannot measure ${title}: the kernel said: ${problem.summary}`, {
      hint: explainProblem(problem) ?? "Show all that it said with -vv",
    });
  // As userland/init/init.c reports it where there is no host.
  const end = /^init: .* ended (?:with status (\d+)|by signal .*)$/m.exec(text);
  if (end?.[1] === "0") return;
  throw new UklError("BENCH_FAILED", `Cannot measure ${title}: the program failed\n${lastLines(text, 5)}`, {
    hint: "Show all that it said with -vv",
  });
}
