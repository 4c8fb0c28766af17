// SPDX-License-Identifier: Apache-2.0
/** `ukl run`: build if needed, boot, connect the terminal, end with the application's status. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { resolveApp } from "../../app/resolve-app.js";
import { UklError } from "../../errors/ukl-error.js";
import type { Context } from "../../host/context.js";
import type { Machine } from "../../vm/machine.js";
import { describeExit, exitStatusOf } from "../../vm/machine-exit.js";
import { type PortForward, parsePortForward } from "../../vm/port-forward.js";
import { machineFile } from "../../vm/qemu-arguments.js";
import { startApp } from "../../vm/start-app.js";
import { attachStreams, chooseStdio } from "../attach-streams.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import type { Invocation } from "../invocation.js";
import { type MachineFlags, machineFlags, toMachineRequest } from "../machine-flags.js";
import { parseSecondsMs } from "../parse-flags.js";
import { announcePorts, reportExit } from "../report-machine.js";

type Flags = MachineFlags & {
  readonly port?: readonly PortForward[];
  readonly volume?: readonly string[];
  readonly disk?: readonly string[];
  readonly kaslr?: boolean;
  readonly timeout?: number;
  readonly detach?: boolean;
  readonly name?: string;
  readonly json?: boolean;
};

type Args = [app: string];

export const command = defineCommand<Flags, Args>({
  description: `APP is a recipe's name, a directory with ukl.config.ts (or one that explains itself), a C, C++ or TypeScript file, a program or
a script. Arguments after "--" are the application's. What is dynamic, as the system's own programs are, is put into the image
with its libraries and the files of its packages; what else it reads: --include.

Exit status: the application's own; 128+n after its death by signal n; 71 when the kernel panicked or oopsed; 124 after
--timeout; 130 after Ctrl-C, which the application gets as SIGINT. A second Ctrl-C ends the machine at once.`,
  flags: {
    ...machineFlags,
    port: {
      kind: "parsed",
      parse: parsePortForward,
      brief: "Forward GUEST[:HOST] or GUEST:ADDRESS:HOST, with /udp if need be",
      placeholder: "PORT",
      optional: true,
      variadic: true,
    },
    volume: {
      kind: "parsed",
      parse: String,
      brief: "Show a directory of this host to the guest: DIR[:PATH][:ro]",
      placeholder: "DIR",
      optional: true,
      variadic: true,
    },
    disk: {
      kind: "parsed",
      parse: String,
      brief: "Mount a disk image with an ext4 file system: IMAGE[:PATH][:ro]",
      placeholder: "IMAGE",
      optional: true,
      variadic: true,
    },
    kaslr: { kind: "boolean", brief: "Randomise the kernel's addresses", optional: true, withNegated: false },
    timeout: {
      kind: "parsed",
      parse: parseSecondsMs,
      brief: "End the machine after this time",
      placeholder: "SECONDS",
      optional: true,
    },
    detach: {
      kind: "boolean",
      brief: "Return when it runs, and leave it running",
      optional: true,
      withNegated: false,
    },
    name: {
      kind: "parsed",
      parse: String,
      brief: "For ps, logs and stop",
      placeholder: "NAME",
      optional: true,
    },
    json: { ...jsonFlag, brief: "With --detach: print the machine as JSON" },
  },
  aliases: { p: "port", m: "memory", d: "detach" },
  positional: {
    kind: "tuple",
    parameters: [{ brief: "What to run", parse: String, placeholder: "APP" }],
  },
  takesPassthrough: true,
  run: async (invocation) => {
    const { ctx, flags } = invocation;
    if (flags.detach === true) return runDetached(invocation);
    const stdio = chooseStdio();
    await using machine = await start(invocation, stdio);
    const copied = attachStreams(machine, stdio);
    void machine.ready.then((ready) => {
      if (ready) announcePorts(ctx.log, machine.state);
    });
    const exit = await machine.exited;
    await copied;
    ctx.signal.throwIfAborted();
    await reportExit(ctx.log, machine, exit);
    return exitStatusOf(exit);
  },
});

async function start(
  invocation: Invocation<Flags, Args>,
  stdio: "terminal" | "pipes" | "log",
): Promise<Machine> {
  const { ctx, flags, args, passthrough } = invocation;
  const app = await resolveApp(args[0], ctx.log);
  const storage = [...(flags.volume ?? []), ...(flags.disk ?? [])];
  const lost = app.volumes.filter(({ directory }) => directory === undefined).map(({ path }) => path);
  if (lost.length > 0 && storage.length === 0)
    ctx.log.info(
      `What ${app.name} writes to ${lost.join(", ")} is lost with the machine; keep it: --volume DIR`,
    );
  return startApp(ctx, {
    app,
    args: passthrough,
    env: stdio === "terminal" ? { TERM: process.env["TERM"] ?? "dumb" } : {},
    ...toMachineRequest(flags),
    ports: flags.port,
    volumes: flags.volume ?? [],
    disks: flags.disk ?? [],
    kaslr: flags.kaslr,
    stdio,
    name: flags.name,
    timeoutMs: flags.timeout,
  });
}

/** A server that is not ready by then may yet become so: the machine is left running. */
const readyTimeoutMs = 30_000;

async function runDetached(invocation: Invocation<Flags, Args>): Promise<number> {
  const { ctx, flags, print } = invocation;
  if (flags.timeout !== undefined)
    throw new UklError(
      "USAGE_INVALID",
      "Cannot use --timeout with --detach: nobody is there to end the machine",
    );
  await using machine = await start(invocation, "log");
  const { name, ports } = machine.state;
  const ready = await ctx.log.step(`Starting ${name}`, () => waitUntilReady(ctx, machine));
  if (ready === false) return reportEarlyEnd(ctx, machine);
  if (ready === undefined)
    ctx.log.warn(
      `${name} runs, but does not listen on ${ports.map(({ guestPort }) => guestPort).join(", ")} yet`,
    );
  else announcePorts(ctx.log, machine.state);
  ctx.log.info(`See what it says: ukl logs ${name}\nEnd it: ukl stop ${name}`);
  print(flags.json === true ? JSON.stringify(machine.state, null, 2) : name);
  return 0;
}

/** True, false when the machine has ended, undefined after the time limit. */
async function waitUntilReady(ctx: Context, machine: Machine): Promise<boolean | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, readyTimeoutMs, undefined);
  });
  try {
    const ready = await Promise.race([machine.ready, timeout]);
    ctx.signal.throwIfAborted();
    return ready;
  } finally {
    clearTimeout(timer);
  }
}

async function reportEarlyEnd(ctx: Context, machine: Machine): Promise<number> {
  const exit = await machine.exited;
  const output = await readFile(path.join(machine.directory, machineFile.console), "utf8").catch(() => "");
  if (output !== "") ctx.log.info(output.trimEnd());
  if (describeExit(exit) === undefined) ctx.log.warn(`${machine.state.app} has ended already`);
  await reportExit(ctx.log, machine, exit);
  return exitStatusOf(exit);
}
