// SPDX-License-Identifier: Apache-2.0
/** Ring-3 neighbours of Redis: they run as nobody, within limits, and are gone afterwards. */

import type { GuestShell } from "../vm/guest-shell.js";
import type { OomVictim } from "./judge-problems.js";

/** Where they may write, so much and nowhere else. */
export const neighbourDirectory = "/run/neighbours";

/** Prepares a guest for neighbours. */
export async function admitNeighbours(shell: GuestShell): Promise<void> {
  await shell.succeed(
    [
      `mkdir -p ${neighbourDirectory}`,
      `mount -t tmpfs -o size=128m,mode=0777 neighbours ${neighbourDirectory}`,
      // What they would fill stays full after their end.
      "chmod 0755 /tmp /var/tmp /dev/shm",
      // Shared memory of System V goes with its last user.
      "echo 1 > /proc/sys/kernel/shm_rmid_forced",
    ].join("\n"),
  );
}

/** Whether a process that the kernel ended was one of them: they are the first to go. */
export function isNeighbour({ uid }: OomVictim): boolean {
  return uid === nobody;
}

const nobody = 65_534;

export interface NeighbourRequest {
  /** What nobody's shell does. */
  readonly command: string;
  /** It is ended after so long. */
  readonly durationS: number;
  /** Its standard output and error in the guest. */
  readonly logFile: string;
}

/**
 * Runs a program as nobody until it ends or its time is up, then ends what it left.
 *
 * @returns its exit status; 143 when it was ended
 * @throws Error when something of it does not end
 */
export async function runAsNobody(shell: GuestShell, request: NeighbourRequest): Promise<number> {
  const { command, durationS, logFile } = request;
  const limited = [
    `cd ${neighbourDirectory}`,
    // When memory runs out, it is theirs.
    "echo 1000 > /proc/self/oom_score_adj",
    `ulimit -c 0 -n 4096 -u ${processLimit} -v ${addressSpaceKib}`,
    `exec timeout -k ${graceS} -s INT ${durationS} ${command}`,
  ].join("; ");
  const { status } = await shell.run(`${asNobody(limited)} > ${logFile} 2>&1`);
  await shell.run(asNobody("kill -9 -1"));
  // The end of what is not the shell's child is no event for it.
  await shell.succeed(
    `i=0; while ps -o user | grep -q nobody; do i=$((i + 1)); [ $i -lt ${patience} ] || { ps; exit 1; }; usleep 100000; done`,
  );
  return status;
}

/** Between the polite end and the other. */
const graceS = 5;
const processLimit = 200;
const addressSpaceKib = 1_048_576;
/** In tenths of a second. */
const patience = 600;

function asNobody(command: string): string {
  return `su -s /bin/sh nobody -c '${command}'`;
}
