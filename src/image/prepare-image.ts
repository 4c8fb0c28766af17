// SPDX-License-Identifier: Apache-2.0
/** Gets everything for an image: the kernel of its level, the program in the form that the level wants, the files. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { type BuiltApp, buildApp } from "../app/build-app.js";
import type { App, AppFile } from "../config/app.js";
import type { Level } from "../config/level.js";
import { addUklNote } from "../elf/ukl-note.js";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { buildKernel, type Kernel, type KernelConfig } from "../kernel/build-kernel.js";
import { buildGuestProgram } from "./build-guest-program.js";
import type { GuestMount } from "./guest-configuration.js";
import { addUser, ownDirectories, userEnvironment } from "./guest-user.js";
import type { ImageContents } from "./initramfs.js";
import { findKernelLink } from "./kernel-link.js";
import { loadBusybox } from "./load-busybox.js";
import { type GuestFiles, mergeGuestFiles } from "./load-guest-files.js";
import { makeCertificates } from "./make-certificates.js";
import { placeProgram } from "./place-program.js";

export interface ImageRequest {
  readonly app: App;
  /** Default: the application's own. */
  readonly level?: Level | undefined;
  /** Follow the application's own arguments. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Follow the application's own files. */
  readonly files?: readonly AppFile[] | undefined;
  /** The kernel series; default the newest. */
  readonly series?: string | undefined;
  /** More for its configuration; default: the application's own. */
  readonly kernelConfig?: KernelConfig | undefined;
  readonly mounts?: readonly GuestMount[];
  /** What the kernel starts before /init. */
  readonly starter?: ImageContents["starter"];
  /** The TCP ports of which the host wants to know when the application listens on them. */
  readonly awaitedPorts?: readonly number[];
  /**
   * How a program of our toolchain finds the kernel: `vector`, at run time, wherever the kernel is; `linked`, by fixed
   * addresses, on this one kernel and without KASLR. Default `vector`.
   */
  readonly form?: "vector" | "linked" | undefined;
}

export interface PreparedImage {
  readonly kernel: Kernel;
  readonly contents: ImageContents;
  readonly level: Level;
  /** With debug information, for debuggers. */
  readonly symbols: string;
}

/** What QEMU's user-mode network gives to its one guest; passt is told to do the same. */
export const guestNetwork = { address: "10.0.2.15/24", gateway: "10.0.2.2", nameServer: "10.0.2.3" } as const;

/**
 * Builds kernel and program, or finds them in the cache, and puts the image's contents together.
 *
 * @throws UklError USAGE_INVALID when the program cannot run at the level; what the builds throw
 */
export async function prepareImage(ctx: Context, request: ImageRequest): Promise<PreparedImage> {
  const { app, mounts = [] } = request;
  const level = request.level ?? app.level;
  // The program first: a mistake in it shows in seconds.
  const built = await buildApp(ctx, app);
  checkLevel(built, level);
  const certificates = await makeCertificates(ctx, app.certificates);
  const placed = await placeProgram(ctx, built, [...app.files, ...certificates, ...(request.files ?? [])]);
  const place = app.shell ? { ...placed, files: await addShell(ctx, placed.files) } : placed;
  const { files, user } = addUser(app, place.files);
  const kernel = await buildKernel(ctx, {
    ...(request.kernelConfig ?? { fragments: app.kernelConfig }),
    ...{ series: request.series, ukl: level !== "linux" },
  });
  const linked = request.form === "linked" ? await linkApp(ctx, built, kernel, level) : built;
  const args = request.args ?? [];
  return {
    kernel,
    level,
    symbols: linked.symbols,
    contents: {
      init: await readFile(await buildGuestProgram(ctx, "init")),
      starter: request.starter,
      program: await loadProgram(linked, level),
      programPath: place.file,
      ...files,
      configuration: {
        program: place.path,
        args: [...app.args, ...(args.length === 0 ? app.defaultArgs : args)],
        env: { ...userEnvironment(user), ...app.env, UKL_LEVEL: level, ...request.env },
        cwd: app.cwd,
        ...(user === undefined ? {} : { user, ownDirectories: ownDirectories(app, user, mounts) }),
        setup: app.setup,
        hostname: app.name,
        network: guestNetwork,
        mounts,
        awaitedPorts: request.awaitedPorts ?? [],
      },
    },
  };
}

/** The distribution's busybox, where the application has no shell of its own. */
async function addShell(ctx: Context, files: GuestFiles): Promise<GuestFiles> {
  const shell = { path: "/bin/sh", mode: 0o755, data: await loadBusybox(ctx) };
  return mergeGuestFiles(files, { files: [shell], links: [], directories: [] });
}

function checkLevel({ app, kind }: BuiltApp, level: Level): void {
  if (level !== "linux" && level !== "compat" && kind === "prebuilt") {
    throw new UklError(
      "USAGE_INVALID",
      `Cannot run "${app.name}" at the level ${level}: its system calls are instructions, not calls`,
      { hint: "Build it with our toolchain (ukl toolchain), or run it as it is: --level compat" },
    );
  }
  if (level === "compat" && kind === "linked-base") {
    throw new UklError(
      "USAGE_INVALID",
      `Cannot run "${app.name}" at the level compat, which is for unmodified programs: it was built for ring 0`,
      { hint: "Build it with the system's compiler and -static, and run that program" },
    );
  }
}

/** A kernel without our entry has nothing to link to; an unmodified program has no calls to link. */
async function linkApp(ctx: Context, built: BuiltApp, kernel: Kernel, level: Level): Promise<BuiltApp> {
  const link = findKernelLink(kernel, level);
  return link === undefined ? built : buildApp(ctx, built.app, { link });
}

/** An unmodified program becomes one for ring 0 by a note; our toolchain's has it. */
async function loadProgram(built: BuiltApp, level: Level): Promise<Uint8Array> {
  const bytes = await readFile(built.program);
  return level === "compat"
    ? addUklNote(bytes, { kernelBuildId: undefined }, path.basename(built.program))
    : bytes;
}
