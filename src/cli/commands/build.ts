// SPDX-License-Identifier: Apache-2.0
/** `ukl build`: one bootable file. */

import { copyFile } from "node:fs/promises";
import path from "node:path";
import { resolveApp } from "../../app/resolve-app.js";
import { explainSystemError } from "../../host/system-error.js";
import { buildImage } from "../../image/build-image.js";
import { collectProfile } from "../../profile/collect-profile.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { type ImageFlags, imageFlags, toImageRequest } from "../machine-flags.js";

type Flags = ImageFlags & {
  readonly output?: string;
  readonly vector?: boolean;
  readonly profileGuided?: boolean;
  readonly json?: boolean;
};

export const command = defineCommand<Flags, [app: string]>({
  description: `The file boots by itself: qemu-system-x86_64 -kernel FILE -nographic -no-reboot. Arguments after "--" become part of
it; more can be given on the kernel's command line, after "--" too. The same inputs give the same bytes.`,
  flags: {
    output: {
      kind: "parsed",
      parse: String,
      brief: "Default: APP.bzimage, or APP.pvh with --kernel-config pvh",
      placeholder: "FILE",
      optional: true,
    },
    ...imageFlags,
    vector: {
      kind: "boolean",
      brief: "Find the kernel at run time instead of linking against it: works with KASLR",
      optional: true,
      withNegated: false,
    },
    profileGuided: {
      kind: "boolean",
      brief: "Compile the kernel by a profile of the application's own test",
      optional: true,
      withNegated: false,
    },
    json: jsonFlag,
  },
  aliases: { o: "output" },
  positional: {
    kind: "tuple",
    parameters: [{ brief: "What to build", parse: String, placeholder: "APP" }],
  },
  takesPassthrough: true,
  run: async ({ ctx, flags, args: [spec], passthrough, print }) => {
    const app = await resolveApp(spec, ctx.log);
    const parts = toImageRequest(flags);
    const kernelConfig = parts.kernelConfig ?? { fragments: app.kernelConfig };
    const profile =
      flags.profileGuided === true ? await collectProfile(ctx, { app, ...parts, kernelConfig }) : undefined;
    const image = await buildImage(ctx, {
      app,
      args: passthrough,
      ...{ ...parts, kernelConfig: { ...kernelConfig, profile } },
      form: flags.vector === true ? "vector" : "linked",
    });
    const file = path.resolve(flags.output ?? `${app.name}.${image.format.toLowerCase()}`);
    try {
      await copyFile(image.path, file);
    } catch (error) {
      throw explainSystemError(error, `write "${file}"`);
    }
    const { format, sizeBytes, sha256, kernel } = image;
    const result = {
      file,
      format,
      cached: image.path,
      sizeBytes,
      sha256,
      kernel: kernel.version,
      buildId: kernel.buildId,
    };
    ctx.log.info(`${(sizeBytes / 2 ** 20).toFixed(1)} MiB, linux ${kernel.version}, SHA-256 ${sha256}`);
    print(flags.json === true ? JSON.stringify(result, null, 2) : file);
  },
});
