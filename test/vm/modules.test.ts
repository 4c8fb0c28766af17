// SPDX-License-Identifier: Apache-2.0
/** Modules in ring 0: what test/userland/modules.test.ts shows of them as a process. */

import { cpSync, writeFileSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { packagePath } from "../../src/host/package-path.js";
import { createScratch, type Scratch } from "./boot.js";
import { buildForCommand } from "./build-for-command.js";
import { runUkl } from "./ukl-command.js";

beforeAll(buildForCommand);

let scratch: Scratch;
beforeEach(() => {
  scratch = createScratch();
  cpSync(packagePath("test", "userland", "modules"), scratch.directory, { recursive: true });
});
afterEach(() => scratch[Symbol.dispose]());

const config = `import { defineApp } from "ukl";

export default defineApp({
  name: "host",
  build: { system: "make" },
  program: "host",
  args: ["/lib/plugins/plain.so", "objects", "/lib/libc.so.6"],
  modules: { "/lib/plugins/plain.so": "plugins/plain.so", objects: "plugins/objects.so" },
  shell: true,
  setup: [{ command: ["/bin/sh", "-c", "echo the image has $(ls /lib/plugins)"] }],
  memory: "64M",
});
`;

test("a program in ring 0 opens its modules, and nothing else", async () => {
  writeFileSync(scratch.path("ukl.config.ts"), config);
  const { status, stdout, stderr } = await runUkl(scratch.directory, "run", ".");
  expect(stdout.split("\n"), stderr).toEqual([
    ...["the image has plain.so", "begin, version 1", "not open yet: yes"],
    ...["plain begins", "/lib/plugins/plain.so: answer 42, version 2"],
    ...["/lib/plugins/plain.so: undefined symbol: internal", "again the same", "invalid handle"],
    ...["objects: answer -42, version 3", "objects: undefined symbol: internal"],
    ...["again the same", "invalid handle"],
    "/lib/libc.so.6: not among the program's modules; shared libraries do not exist in Unikernel Linux: Function not implemented",
    ...["undefined symbol: answer", "for all: version 2", "plain ends", ""],
  ]);
  expect(status).toBe(0);
});
