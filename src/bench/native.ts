// SPDX-License-Identifier: Apache-2.0
/**
 * What the transition between program and kernel takes of a server's time on this machine, without any guest.
 *
 * The distribution's Redis runs with more and more system calls that do nothing beside each of its own. Its processor time
 * grows along a line; one step back from none is what it would be if its own calls had no transition.
 */

import { existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { cpus } from "node:os";
import path from "node:path";
import { UklError } from "../errors/ukl-error.js";
import { cached } from "../host/cache.js";
import { type Context, withLog } from "../host/context.js";
import { hashFile } from "../host/hash.js";
import { lastLines } from "../host/last-lines.js";
import { packagePath } from "../host/package-path.js";
import { type ProcessGroup, spawnGroup } from "../host/process-group.js";
import { findProgramVersion } from "../host/program-version.js";
import { requireTools } from "../host/require-tools.js";
import { runCommand } from "../host/run-command.js";
import { isSystemError } from "../host/system-error.js";
import { createTemporaryDirectory } from "../host/temporary-directory.js";
import { fetchSource } from "../source/fetch-source.js";
import { findFreePorts } from "../vm/find-free-ports.js";
import { fitLine } from "./fit-line.js";
import { median, middleHalf, type Spread } from "./statistics.js";

export interface NativeReport {
  readonly evidence: "native";
  /** As the system calls it. */
  readonly processor: string;
  /** Of a system call that does nothing, in nanoseconds. */
  readonly nullCallNs: number;
  /** Of a call of a function that does nothing. */
  readonly functionCallNs: number;
  /** Of a GET of Redis, the server's processor time in nanoseconds. */
  readonly requestNs: number;
  /** Of that, the part that goes with the transitions, round by round: the median, and the middle half. */
  readonly share: Spread;
  readonly rounds: number;
  /** Version of the distribution's package. */
  readonly redis: string;
}

const extraCalls = [0, 1, 2, 4, 8];
const defaultRounds = 12;
const requestsPerRound = 20_000;

/**
 * @param rounds each has every number of extra calls once
 * @throws UklError HOST_TOOL_MISSING, BENCH_FAILED when a server does not answer, or the extra calls do not show; what builds and downloads throw
 */
export async function measureNative(ctx: Context, rounds = defaultRounds): Promise<NativeReport> {
  await requireTools(ctx, ["redis-cli"]);
  const programs = await buildPrograms(ctx);
  const calls = parseTimes((await runCommand(ctx, programs.nullCall, [])).stdout);
  const { path: tree, version } = await fetchSource(ctx, {
    ...{ kind: "debian-binary", package: "redis-server", dependencies: true },
  });
  await using directory = await createTemporaryDirectory("native");
  const servers: Server[] = [];
  try {
    const place = { ...programs, tree, directory: directory.path };
    const ports = await findFreePorts(extraCalls.length);
    for (const [index, extra] of extraCalls.entries())
      servers.push(await startServer(ctx, { ...place, extra, port: ports[index] as number }));
    const times = await ctx.log.step(`Asking Redis ${version} in ${rounds} rounds`, (log) =>
      measureRounds(withLog(ctx, log), servers, rounds),
    );
    const lines = times.map(fitLine);
    checkStep(median(lines.map(({ slope }) => slope)), calls("null-call"));
    return {
      ...{ evidence: "native", processor: cpus()[0]?.model ?? "", rounds, redis: version },
      nullCallNs: calls("null-call"),
      functionCallNs: calls("function"),
      requestNs: median(lines.map(({ start }) => start)),
      share: middleHalf(lines.map(({ start, slope }) => slope / start)),
    };
  } finally {
    await Promise.all(servers.map(({ process }) => process.stop()));
  }
}

interface Programs {
  readonly nullCall: string;
  /** A library to be preloaded. */
  readonly extraCallsLibrary: string;
}

async function buildPrograms(ctx: Context): Promise<Programs> {
  const sources = ["null-call.c", "extra-calls.c"].map((file) => packagePath("userland", "native", file));
  const [nullCall = "", library = ""] = sources;
  const flags = ["-O2", "-Wall", "-Wextra"];
  const entry = await cached(ctx, {
    ...{ kind: "native", name: "programs" },
    inputs: {
      sources: await Promise.all(sources.map(hashFile)),
      compiler: await findProgramVersion(ctx, "gcc"),
      flags,
    },
    title: "Building the programs that measure this machine",
    build: async (ctx, { directory, logFile }) => {
      const place = (name: string): string => path.join(directory, name);
      await runCommand(ctx, "gcc", [...flags, "-o", place("null-call"), nullCall], { logFile });
      const shared = [...flags, "-shared", "-fPIC", "-o", place("extra-calls.so"), library];
      await runCommand(ctx, "gcc", shared, { logFile });
    },
  });
  return {
    nullCall: path.join(entry.path, "null-call"),
    extraCallsLibrary: path.join(entry.path, "extra-calls.so"),
  };
}

/** The median of the lines "NAME NANOSECONDS" with a name. */
function parseTimes(output: string): (name: string) => number {
  const lines = output.split("\n").map((line) => line.split(" "));
  return (name) => median(lines.filter(([word]) => word === name).map(([, time]) => Number(time)));
}

interface Server {
  readonly extra: number;
  readonly port: number;
  readonly process: ProcessGroup;
  /** Aborted when it has ended. */
  readonly ended: AbortSignal;
}

interface ServerRequest extends Programs {
  /** The package's files, with those of what it depends on. */
  readonly tree: string;
  readonly directory: string;
  readonly extra: number;
  readonly port: number;
}

async function startServer(ctx: Context, request: ServerRequest): Promise<Server> {
  const { tree, directory, extra, port } = request;
  const places = ["lib", "usr/lib"].map((place) => path.join(tree, place, "x86_64-linux-gnu"));
  const loader = places.map((place) => path.join(place, "ld-linux-x86-64.so.2")).find(existsSync);
  if (loader === undefined) throw new Error(`${tree} has no program loader`);
  await using log = await open(path.join(directory, logName(port)), "w");
  const process = await spawnGroup({
    file: "setpriv",
    // The loader would split the path of what is preloaded at a space.
    cwd: path.dirname(request.extraCallsLibrary),
    args: [
      ...[...dieWithUs, loader],
      ...["--library-path", places.join(":"), "--preload", `./${path.basename(request.extraCallsLibrary)}`],
      // One program with two names.
      ...["--argv0", "redis-server", path.join(tree, "usr", "bin", "redis-check-rdb")],
      ...["--bind", "127.0.0.1", "--port", String(port)],
      ...["--save", "", "--loglevel", "warning", "--dir", directory],
    ],
    env: { UKL_EXTRA_CALLS: String(extra) },
    ...{ stdout: log.fd, stderr: log.fd },
  });
  const ended = new AbortController();
  void process.exited.then(() => ended.abort(serverEnded()));
  const server = { extra, port, process, ended: ended.signal };
  try {
    if (await answers(ctx, server)) return server;
    const said = lastLines(await readFile(path.join(directory, logName(port)), "utf8"));
    throw measuringFailed(
      said || `it did not answer at port ${port}`,
      "See whether another program has taken the port, and try again",
    );
  } catch (error) {
    await process.stop();
    throw error;
  }
}

function measuringFailed(reason: string, hint: string): UklError {
  return new UklError("BENCH_FAILED", `Cannot measure Redis on this machine: ${reason}`, { hint });
}

const startTimeoutMs = 20_000;

const logName = (port: number): string => `redis-${port}.log`;

/** Whether it does before it ends, and in time. */
async function answers(ctx: Context, { port, ended }: Server): Promise<boolean> {
  const deadline = AbortSignal.timeout(startTimeoutMs);
  const limited = { ...ctx, signal: AbortSignal.any([ctx.signal, deadline]) };
  const ping = ["-p", String(port), "ping"];
  try {
    while (!ended.aborted) {
      const { stdout } = await runCommand(limited, "redis-cli", ping, { allowFailure: true });
      if (stdout.trim() === "PONG") return true;
    }
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (!deadline.aborted) throw error;
  }
  return false;
}

/** Three extra calls a request make a step. What is far from that is not what they take, or they were not made. */
function checkStep(step: number, nullCallNs: number): void {
  if (step > nullCallNs && step < 9 * nullCallNs) return;
  throw measuringFailed(
    `a call more beside each of its own takes ${step.toFixed(0)} ns a request, while a call takes ${nullCallNs.toFixed(0)} ns`,
    "Try again when the machine has less other work",
  );
}

/** In turns, so that what changes on the machine meanwhile changes it for all; a round begins where the last one did not. */
async function measureRounds(
  ctx: Context,
  servers: readonly Server[],
  rounds: number,
): Promise<[number, number][][]> {
  const times: [number, number][][] = [];
  for (let round = 0; round < rounds; round++) {
    const turn = round % servers.length;
    const points: [number, number][] = [];
    for (const server of [...servers.slice(turn), ...servers.slice(0, turn)])
      points.push([server.extra, await measureRequests(ctx, server)]);
    times.push(points);
    ctx.log.progress(round + 1, rounds);
  }
  return times;
}

/** For setpriv: servers do not end by themselves, nor does a client whose server has gone. */
const dieWithUs = ["--pdeathsig", "KILL"];

/** Nanoseconds of the server's processor time for a GET. */
async function measureRequests(ctx: Context, { port, process, ended }: Server): Promise<number> {
  const benchmark = ["redis-benchmark", "-p", String(port), "-n", String(requestsPerRound), "-c", "1"];
  const limited = { ...ctx, signal: AbortSignal.any([ctx.signal, ended]) };
  const before = await readProcessorTime(process);
  await runCommand(limited, "setpriv", [...dieWithUs, ...benchmark, "-t", "get", "-q"]);
  return ((await readProcessorTime(process)) - before) / requestsPerRound;
}

/** The first number of schedstat: nanoseconds on a processor. */
async function readProcessorTime({ pid }: ProcessGroup): Promise<number> {
  const text = await readFile(`/proc/${pid}/schedstat`, "utf8").catch((error: unknown) => {
    throw isSystemError(error, "ENOENT", "ESRCH") ? serverEnded() : error;
  });
  return Number(text.split(" ")[0]);
}

function serverEnded(): UklError {
  return measuringFailed("a server has ended", "Try again, and let it run");
}
