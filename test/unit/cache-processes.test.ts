// SPDX-License-Identifier: Apache-2.0
/** Several ukl processes with one cache: one builds, the others wait, and no death leaves the cache unusable. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { createContext } from "../../src/host/context.js";
import { tryFileLock } from "../../src/host/file-lock.js";
import { compileMain } from "../compile-main.js";
import { createTestDirectory } from "../test-directory.js";

const patient = { timeout: 60_000 };
let host: string;

beforeAll(() => {
  host = path.join(path.dirname(compileMain()), "..", "host");
}, 120_000);

/** Starts a process that wants the one entry, whose build is a shell script in the directory. */
function startBuilder(cacheDir: string, script: string): ChildProcess {
  const url = (name: string): string => JSON.stringify(pathToFileURL(path.join(host, name)).href);
  const program = `
    import { cached } from ${url("cache.js")};
    import { createContext } from ${url("context.js")};
    import { runCommand } from ${url("run-command.js")};
    const entry = await cached(createContext({ cacheDir: ${JSON.stringify(cacheDir)} }), {
      kind: "thing", name: "a", inputs: 1, title: "Building", resumable: true,
      build: async (ctx, { directory }) => {
        await runCommand(ctx, "sh", ["-c", ${JSON.stringify(script)}], { cwd: directory });
      },
    });
    process.stdout.write(JSON.stringify(entry));
  `;
  return spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function finish(builder: ChildProcess): Promise<{ path: string; hit: boolean }> {
  const chunks = (await builder.stdout?.toArray()) as Buffer[];
  return JSON.parse(Buffer.concat(chunks).toString());
}

test("of three that want the same, one builds", patient, async () => {
  await using directory = await createTestDirectory();
  const builders = Array.from({ length: 3 }, () => startBuilder(directory.path, "echo built >>log"));
  const entries = await Promise.all(builders.map(finish));
  expect(new Set(entries.map((entry) => entry.path)).size).toBe(1);
  await expect(readFile(path.join(entries[0]?.path ?? "", "log"), "utf8")).resolves.toBe("built\n");
});

/** Starts a builder whose build hangs once it has begun, and kills it without warning. */
async function killBuilder(directory: string): Promise<number> {
  const ready = path.join(directory, "ready");
  execFileSync("mkfifo", [ready]);
  const builder = startBuilder(directory, `echo part >>log; echo $$ >'${ready}'; exec sleep 1000`);
  const buildPid = Number(await readFile(ready, "utf8"));
  builder.kill("SIGKILL");
  await once(builder, "exit");
  return buildPid;
}

test("one that was killed is taken over from, where it was", patient, async () => {
  await using directory = await createTestDirectory();
  process.kill(-(await killBuilder(directory.path)), "SIGKILL");
  const entry = await finish(startBuilder(directory.path, "echo rest >>log"));
  await expect(readFile(path.join(entry.path, "log"), "utf8")).resolves.toBe("part\nrest\n");
});

test("what it had started keeps its successor waiting", patient, async () => {
  await using directory = await createTestDirectory();
  const buildPid = await killBuilder(directory.path);
  const [lock] = (await readdir(path.join(directory.path, "thing"))).filter((name) => name.endsWith(".lock"));
  const file = path.join(directory.path, "thing", lock ?? "");
  await expect(tryFileLock(createContext(), file)).resolves.toBeUndefined();
  const successor = startBuilder(directory.path, "true");
  process.kill(-buildPid, "SIGKILL");
  await expect(finish(successor)).resolves.toMatchObject({ hit: false });
});
