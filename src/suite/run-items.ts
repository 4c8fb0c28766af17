// SPDX-License-Identifier: Apache-2.0
/** Runs the items of a suite at one level, one after the other in one guest; in a second one when the first was lost. */

import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { buildApp } from "../app/build-app.js";
import { loadRecipe } from "../app/recipes.js";
import type { Level } from "../config/level.js";
import type { Context } from "../host/context.js";
import { quoteForShell } from "../host/format-command.js";
import { buildGuestProgram } from "../image/build-guest-program.js";
import { buildInitramfs, type ImageContents } from "../image/initramfs.js";
import { loadBusybox } from "../image/load-busybox.js";
import { guestNetwork } from "../image/prepare-image.js";
import { buildKernel } from "../kernel/build-kernel.js";
import { createGuestShell, type GuestShell } from "../vm/guest-shell.js";
import { levelArguments } from "../vm/level-arguments.js";
import type { Machine } from "../vm/machine.js";
import { describeExit } from "../vm/machine-exit.js";
import { findMachinesDirectory } from "../vm/machine-registry.js";
import { readLines } from "../vm/read-lines.js";
import { startMachine } from "../vm/start-machine.js";
import { wholeItem } from "./compare-results.js";
import { type ItemRun, type PreparedSuite, type SuiteItem, type SuiteTest, suiteDirectory } from "./suite.js";

export interface ItemsRequest {
  readonly suite: PreparedSuite;
  readonly items: readonly SuiteItem[];
  readonly level: Level;
  readonly series?: string | undefined;
  /** Unique among the machines of the project. */
  readonly name: string;
}

export interface ItemsOutcome {
  /** By the item's name. */
  readonly results: ReadonlyMap<string, readonly SuiteTest[]>;
  /** What the kernel complained of, one line each. */
  readonly problems: readonly string[];
}

/** @throws what the builds and `startMachine` throw */
export async function runItems(ctx: Context, request: ItemsRequest): Promise<ItemsOutcome> {
  const results = new Map<string, readonly SuiteTest[]>();
  const problems: string[] = [];
  let left = request.items;
  while (left.length > 0) {
    const guest = await startGuest(ctx, request);
    try {
      for (const item of left) {
        ctx.log.progress(results.size, request.items.length);
        const run = await runItem(ctx, guest, item);
        ctx.signal.throwIfAborted();
        results.set(item.name, judgeItem(item, run));
        if (run === undefined || typeof run === "string") break;
      }
      guest.shell.end();
    } finally {
      await guest.machine[Symbol.asyncDispose]();
    }
    // A processor that is not given time may be the host's fault.
    const found = (await guest.machine.problems).filter(({ kind }) => kind !== "stall");
    problems.push(...found.map(({ summary }) => summary));
    left = left.filter(({ name }) => !results.has(name));
  }
  return { results, problems };
}

interface SuiteGuest {
  readonly machine: Machine;
  readonly shell: GuestShell;
}

async function startGuest(ctx: Context, request: ItemsRequest): Promise<SuiteGuest> {
  const { suite, level, series, name } = request;
  const kernel = await buildKernel(ctx, { series, ukl: level !== "linux" });
  const machine = await startMachine(ctx, {
    ...{ name, level, cpus: suite.cpus, memoryMib: suite.memoryMib },
    machinesDirectory: findMachinesDirectory(process.cwd()),
    app: "suite",
    kernel: kernel.bzImage,
    initramfs: buildInitramfs(await describeImage(ctx, request)),
    kernelArguments: levelArguments(level, false),
    accelerator: "auto",
    ...{ ports: [], volumes: [], disks: [] },
    stdio: "pipes",
  });
  const { stdin, stdout, stderr } = machine;
  if (stdin === undefined || stdout === undefined) throw new Error("a shell needs a machine with pipes");
  for (const stream of [stdout, stderr]) if (stream) readLines(stream, (line) => ctx.log.output(line));
  const shell = createGuestShell({ stdin, stdout });
  await shell.succeed(`${busybox} --install -s /bin`);
  await checkRing(shell, level);
  return { machine, shell };
}

const busybox = "/bin/busybox";
const control = "/bin/hello";

/** A comparison of a ring with itself would find no difference. */
async function checkRing(shell: GuestShell, level: Level): Promise<void> {
  const said = await shell.succeed(control);
  const wanted = `CPL ${level === "linux" ? 3 : 0}`;
  if (said.split("\n")[0] !== wanted)
    throw new Error(`the guest runs programs of its image at "${said}" instead of "${wanted}"`);
}

async function describeImage(
  ctx: Context,
  { suite: { files }, level }: ItemsRequest,
): Promise<ImageContents> {
  const { program } = await buildApp(ctx, await loadRecipe("hello"));
  return {
    init: await readFile(await buildGuestProgram(ctx, "init")),
    program: await loadBusybox(ctx),
    files: [...files.files, { path: control, mode: 0o755, data: await readFile(program) }],
    // Scripts name it by this path.
    links: [...files.links, { path: "/usr/bin/env", target: "/bin/env" }],
    directories: files.directories,
    configuration: {
      program: busybox,
      args: ["sh"],
      // The level is the environment's: what the tests start, inherits it.
      env: { UKL_LEVEL: level, PATH: "/bin:/usr/bin", HOME: "/root" },
      cwd: suiteDirectory,
      hostname: "suite",
      network: guestNetwork,
    },
  };
}

/** How long after its time an item may take to be ended. */
const graceS = 30;

/**
 * Servers that a test has left are in other sessions than this shell: the fourth field after the name in
 * /proc/PID/stat, which is 0 for the kernel's own threads.
 */
const endOthers = `
read -r own < /proc/$$/stat; set -- \${own##*) }; own=$4
for stat in /proc/[0-9]*/stat; do
	read -r line 2> /dev/null < $stat || continue
	pid=\${line%% *}; set -- \${line##*) }
	[ $pid = 1 ] || [ "$4" = 0 ] || [ "$4" = "$own" ] || kill -9 $pid
done 2> /dev/null`;

/** A text says why there is no result: the guest is of no more use. */
async function runItem(ctx: Context, guest: SuiteGuest, item: SuiteItem): Promise<ItemRun | string> {
  const { machine, shell } = guest;
  const command = [
    `setsid timeout -s KILL ${item.timeoutS} sh -c ${quoteForShell(item.command)}`,
    "status=$?",
    endOthers,
    "exit $status",
  ].join("\n");
  const late = new AbortController();
  const timer = pause((item.timeoutS + graceS) * 1_000, "the guest hung", { signal: late.signal });
  timer.catch(() => {});
  ctx.log.detail(`Running ${item.name}`);
  try {
    const answer = await Promise.race([shell.run(command), timer]);
    if (typeof answer !== "string") return answer;
    await machine.stop({ graceMs: 0 });
    return answer;
  } catch (error) {
    ctx.signal.throwIfAborted();
    return describeExit(await machine.exited) ?? (error as Error).message;
  } finally {
    late.abort();
  }
}

/** An item that fails without a test that failed was not able to run them all. */
function judgeItem(item: SuiteItem, run: ItemRun | string): readonly SuiteTest[] {
  if (typeof run === "string") return [{ name: wholeItem, outcome: "failed", detail: run }];
  const results = item.parse(run);
  const outcomes = new Set(results.map(({ outcome }) => outcome));
  const skipped = outcomes.size === 1 && outcomes.has("skipped");
  if (run.status === 0 || skipped || outcomes.has("failed")) return results;
  return [...results, { name: wholeItem, outcome: "failed", detail: describeEnd(item, run) }];
}

function describeEnd({ timeoutS }: SuiteItem, { status, output }: ItemRun): string {
  const last = output.trimEnd().split("\n").slice(-shownLines).join("\n");
  return `${status === killed ? `it was ended after ${timeoutS} s, or by SIGKILL` : `it ended with status ${status}`}\n${last}`;
}

const shownLines = 12;
/** 128 + SIGKILL. */
const killed = 137;
