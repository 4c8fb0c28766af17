// SPDX-License-Identifier: Apache-2.0
/** The guest that finds out whether an accelerator works: a kernel of ours with one program, in ring 0 if the kernel can. */

import { readFile } from "node:fs/promises";
import { addUklNote } from "../elf/ukl-note.js";
import type { Context } from "../host/context.js";
import { buildGuestProgram } from "../image/build-guest-program.js";
import { writeCpio } from "../image/cpio.js";

/** What userland/probe says on the console. */
export const probeMessage = "the probe ran";

/** Builds its initramfs. */
export async function buildProbeGuest(ctx: Context): Promise<Uint8Array> {
  const program = await readFile(await buildGuestProgram(ctx, "probe"));
  return writeCpio([
    { kind: "character-device", path: "/dev/console", mode: 0o600, major: 5, minor: 1 },
    {
      kind: "file",
      path: "/init",
      mode: 0o755,
      data: addUklNote(program, { kernelBuildId: undefined }, "probe"),
    },
  ]);
}
