// SPDX-License-Identifier: Apache-2.0
/** What a configuration may contain, and how each part of it reads when it is wrong. */

import { z } from "zod";
import { type RequirementId, requirementIds } from "../host/requirements.js";
import type { AppTest } from "./define-app.js";
import { levels } from "./level.js";
import { networkKinds } from "./network-kind.js";
import { parseSize } from "./parse-size.js";
import { isGuestPath, parseStoragePlace } from "./parse-storage-place.js";

const text = z.string().min(1, "is empty");
const relativePath = text.refine(
  (path) => !path.startsWith("/"),
  "is absolute: give it relative to the source",
);
const guestPath = text.refine(isGuestPath, 'is not an absolute path in the guest, such as "/data"');

const sourceKinds = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("debian-source"), package: text, version: text.optional() }),
  z.strictObject({ kind: z.literal("debian-binary"), package: text, version: text.optional() }),
  z.strictObject({
    kind: z.literal("tarball"),
    url: z.url("is not a URL"),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, "is not a SHA-256: 64 lower-case hexadecimal digits"),
  }),
  z.strictObject({ kind: z.literal("directory"), path: text, except: z.array(relativePath).optional() }),
]);

/** A string is short for a directory. */
const sourceSchema = z.preprocess(
  (source) => (typeof source === "string" ? { kind: "directory", path: source } : source),
  sourceKinds,
);

const place = { directory: relativePath.default(".") };
const options = { options: z.array(text).default([]) };
const install = { install: z.array(guestPath).default([]) };
const targets = { targets: z.array(text).default([]) };
const variables = {
  variables: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, "is not the name of a variable"), z.string())
    .default({}),
};

/** Names of the table of requirements. */
const programs = z.array(z.enum(requirementIds as [RequirementId, ...RequirementId[]])).default([]);
const needs = { packages: z.array(text).default([]), tools: programs };

const buildSchema = z.discriminatedUnion("system", [
  z.strictObject({
    system: z.literal("c"),
    files: z.array(relativePath).min(1, "names no file"),
    flags: z.array(text).default([]),
    libraries: z.array(text).default([]),
    packages: needs.packages,
  }),
  z.strictObject({ system: z.literal("make"), ...place, ...targets, ...variables, ...install, ...needs }),
  z.strictObject({
    system: z.literal("configure"),
    autoreconf: z.boolean().optional(),
    ...place,
    ...options,
    ...targets,
    ...variables,
    ...install,
    ...needs,
  }),
  z.strictObject({ system: z.literal("cmake"), ...place, ...options, ...targets, ...install, ...needs }),
  z.strictObject({ system: z.literal("meson"), ...place, ...options, ...targets, ...install, ...needs }),
  z.strictObject({ system: z.literal("typescript") }),
  z.strictObject({ system: z.literal("prebuilt") }),
]);

const memorySchema = z
  .string()
  .default("128M")
  .transform((size, issues) => {
    const sizeBytes = parseSize(size);
    if (sizeBytes !== undefined && sizeBytes >= smallestMemoryBytes) return sizeBytes;
    issues.addIssue(
      sizeBytes === undefined ? 'is not a size, such as "64M"' : "is too small for a machine: 16M at least",
    );
    return z.NEVER;
  });

const smallestMemoryBytes = 16 * 2 ** 20;

const volumeSchema = z.string().transform((volume, issues) => {
  const parsed = parseStoragePlace(volume);
  if (parsed?.path !== undefined)
    return { path: parsed.path, source: parsed.source, readOnly: parsed.readOnly };
  if (isGuestPath(volume) && !volume.includes(":"))
    return { path: volume, source: undefined, readOnly: false };
  issues.addIssue(
    parsed?.source.startsWith("/") === false
      ? 'does not say where in the guest it is, such as "./data:/data"'
      : 'is not an absolute path in the guest, such as "/data"',
  );
  return z.NEVER;
});

const diskSchema = z.string().transform((disk, issues) => {
  const parsed = parseStoragePlace(disk);
  if (parsed?.path !== undefined)
    return { path: parsed.path, source: parsed.source, readOnly: parsed.readOnly };
  issues.addIssue('is not an image with its place in the guest, such as "disk.img:/srv"');
  return z.NEVER;
});

/** What useradd(8) takes. */
const userName = z.string().regex(/^[a-z_][a-z0-9_-]{0,30}$/, "is not the name of a user");

/** A string is short for a name. */
const userSchema = z.preprocess(
  (user) => (typeof user === "string" ? { name: user } : user),
  z.strictObject({
    name: userName,
    id: z.int("is not a whole number").min(1, "is root's").max(65_533, "is above 65533").optional(),
  }),
);

const setupSchema = z.strictObject({
  command: z.tuple([guestPath], z.string()),
  unless: guestPath.optional(),
});

const hostName = z.string().regex(/^[\w.-]+$/, "is not the name of a host");

const portsSchema = z
  .array(z.int("is not a port number").min(1, "is below 1").max(65535, "is above 65535"))
  .default([]);

/** Input: AppConfig. Output: the same with defaults filled in and sizes in bytes. */
export const appSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "may have lower-case letters, digits and hyphens only"),
  summary: z.string().default(""),
  license: text.optional(),
  source: sourceSchema.default({ kind: "directory", path: "." }),
  build: buildSchema,
  program: relativePath.optional(),
  programPath: guestPath.optional(),
  modules: z.record(text, relativePath).default({}),
  args: z.array(z.string()).default([]),
  defaultArgs: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  cwd: guestPath.default("/"),
  user: userSchema.optional(),
  setup: z.array(setupSchema).default([]),
  shell: z.boolean().default(false),
  files: z.record(guestPath, relativePath).default({}),
  certificates: z.record(guestPath, hostName).default({}),
  ports: portsSchema,
  udpPorts: portsSchema,
  memory: memorySchema,
  cpus: z.int("is not a whole number").min(1, "is below 1").max(64, "is above 64").default(1),
  level: z.enum(levels).optional(),
  kernelConfig: z.array(text).default([]),
  network: z.enum(networkKinds).optional(),
  volumes: z.array(volumeSchema).default([]),
  disks: z.array(diskSchema).default([]),
  clients: programs,
  testSeconds: z.int("is not a whole number").min(1, "is below 1").default(120),
  test: z.custom<AppTest>((test) => typeof test === "function", "is not a function").optional(),
});
