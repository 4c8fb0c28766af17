// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { type CacheBuild, type CacheRequest, cached, cacheKey, NotCachedError } from "./cache.js";
import { listCacheEntries, pruneCache } from "./cache-entries.js";
import { createContext, withCachedOnly } from "./context.js";

interface Build {
  calls: number;
  readonly request: CacheRequest;
}

/** A request that writes "result" and counts how often it had to. */
function createBuild(options: Partial<CacheRequest> = {}): Build {
  const build: Build = {
    calls: 0,
    request: {
      kind: "thing",
      name: "a",
      inputs: { version: 1 },
      title: "Building a thing",
      build: async (_ctx, { directory }) => {
        build.calls++;
        await writeFile(path.join(directory, "result"), "done");
      },
      ...options,
    },
  };
  return build;
}

test("builds once, then finds it", async () => {
  await using directory = await createTestDirectory();
  const ctx = createContext({ cacheDir: directory.path });
  const build = createBuild();
  const first = await cached(ctx, build.request);
  expect(first).toMatchObject({ hit: false, key: cacheKey(build.request) });
  await expect(readFile(path.join(first.path, "result"), "utf8")).resolves.toBe("done");
  await expect(cached(ctx, build.request)).resolves.toEqual({ ...first, hit: true });
  expect(build.calls).toBe(1);
});

test("who asks for what is there only finds it, or learns that it is not", async () => {
  await using directory = await createTestDirectory();
  const ctx = createContext({ cacheDir: directory.path });
  const build = createBuild();
  await expect(cached(withCachedOnly(ctx), build.request)).rejects.toThrow(NotCachedError);
  expect({ calls: build.calls, files: await readdir(directory.path) }).toEqual({ calls: 0, files: [] });
  const entry = await cached(ctx, build.request);
  await expect(cached(withCachedOnly(ctx), build.request)).resolves.toEqual({ ...entry, hit: true });
});

test("other inputs are another entry", async () => {
  await using directory = await createTestDirectory();
  const ctx = createContext({ cacheDir: directory.path });
  const one = await cached(ctx, createBuild({ inputs: 1 }).request);
  const two = await cached(ctx, createBuild({ inputs: 2 }).request);
  expect(one.path).not.toBe(two.path);
});

test("of two that want the same at the same time, one builds", async () => {
  await using directory = await createTestDirectory();
  const ctx = createContext({ cacheDir: directory.path });
  const build = createBuild();
  const entries = await Promise.all([cached(ctx, build.request), cached(ctx, build.request)]);
  expect(build.calls).toBe(1);
  expect(entries.map(({ hit }) => hit).sort()).toEqual([false, true]);
});

describe("a build that fails", () => {
  test("leaves no entry and nothing half-built", async () => {
    await using directory = await createTestDirectory();
    const ctx = createContext({ cacheDir: directory.path });
    const failing = createBuild({ build: async () => Promise.reject(new Error("no")) });
    await expect(cached(ctx, failing.request)).rejects.toThrow("no");
    const left = await readdir(path.join(directory.path, "thing"));
    expect(left.filter((name) => !name.endsWith(".lock"))).toEqual([]);
    await expect(cached(ctx, createBuild().request)).resolves.toMatchObject({ hit: false });
  });

  test("goes on where it was, if it can", async () => {
    await using directory = await createTestDirectory();
    const ctx = createContext({ cacheDir: directory.path });
    const found: string[][] = [];
    const build = async (_ctx: unknown, { directory }: CacheBuild): Promise<void> => {
      found.push(await readdir(directory));
      await writeFile(path.join(directory, `part${found.length}`), "");
      if (found.length === 1) throw new Error("interrupted");
    };
    const { request } = createBuild({ resumable: true, build });
    await expect(cached(ctx, request)).rejects.toThrow("interrupted");
    await cached(ctx, request);
    expect(found).toEqual([[], ["part1"]]);
  });

  test("by an abort that the build did not notice, is not published", async () => {
    await using directory = await createTestDirectory();
    const controller = new AbortController();
    const ctx = createContext({ cacheDir: directory.path, signal: controller.signal });
    const { request } = createBuild({ build: async () => controller.abort(new Error("Ctrl-C")) });
    await expect(cached(ctx, request)).rejects.toThrow("Ctrl-C");
    const again = createContext({ cacheDir: directory.path });
    await expect(cached(again, createBuild().request)).resolves.toMatchObject({ hit: false });
  });
});

describe("a damaged entry is built again", () => {
  test.each([
    ["without its manifest", (place: string) => rm(path.join(place, "manifest.json"))],
    ["with half a manifest", (place: string) => writeFile(path.join(place, "manifest.json"), '{"key"')],
    ["without its result", (place: string) => rm(path.join(place, "result"))],
  ])("%s", async (_name, damage) => {
    await using directory = await createTestDirectory();
    const ctx = createContext({ cacheDir: directory.path });
    const verify = async (place: string): Promise<boolean> =>
      (await readFile(path.join(place, "result"), "utf8")) === "done";
    const build = createBuild({ verify });
    const entry = await cached(ctx, build.request);
    await damage(entry.path);
    await expect(cached(ctx, build.request)).resolves.toMatchObject({ hit: false });
    await expect(cached(ctx, build.request)).resolves.toMatchObject({ hit: true });
  });
});

describe("another process that holds the lock", () => {
  test("is waited for, by name, until it ends in whatever way", async () => {
    await using directory = await createTestDirectory();
    const build = createBuild();
    const lock = await lockPath(directory.path, build.request);
    // exec: killing the shell alone would leave flock's child, and the lock, behind.
    const holder = spawn("flock", [lock, "sh", "-c", `echo $$ >'${lock}'; echo locked; exec sleep 1000`], {
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
    });
    await once(holder.stdout, "data");
    const titles: string[] = [];
    const ctx = createContext({ cacheDir: directory.path });
    const waiting = cached(
      {
        ...ctx,
        log: {
          ...ctx.log,
          step: (title, run) => {
            titles.push(title);
            if (titles.length === 1) process.kill(-(holder.pid as number), "SIGKILL");
            return run(ctx.log);
          },
        },
      },
      build.request,
    );
    await expect(waiting).resolves.toMatchObject({ hit: false });
    expect(titles[0]).toMatch(/^Waiting for process \d+ to build thing a$/);
  });

  test("is not waited for any longer after Ctrl-C", async () => {
    await using directory = await createTestDirectory();
    const build = createBuild();
    const lock = await lockPath(directory.path, build.request);
    const holder = spawn("flock", [lock, "sh", "-c", "echo locked; exec sleep 1000"], {
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
    });
    await once(holder.stdout, "data");
    const controller = new AbortController();
    const ctx = createContext({ cacheDir: directory.path, signal: controller.signal });
    const abortWhenWaiting = {
      ...ctx.log,
      step: <T>(_title: string, run: (log: typeof ctx.log) => Promise<T>) => {
        const running = run(ctx.log);
        controller.abort(new Error("Ctrl-C"));
        return running;
      },
    };
    await expect(cached({ ...ctx, log: abortWhenWaiting }, build.request)).rejects.toThrow("Ctrl-C");
    process.kill(-(holder.pid as number), "SIGKILL");
    expect(build.calls).toBe(0);
  });
});

test("a cache that cannot be written is said so", async () => {
  // Not even root may make directories there.
  const ctx = createContext({ cacheDir: "/sys/ukl" });
  await expect(cached(ctx, createBuild().request)).rejects.toMatchObject({
    code: "HOST_NOT_WRITABLE",
    message: expect.stringContaining("permission denied"),
  });
});

test("no space for the entry is said so", async () => {
  await using directory = await createTestDirectory();
  const ctx = createContext({ cacheDir: directory.path });
  const { request } = createBuild({ build: async () => writeFile("/dev/full", "x") });
  await expect(cached(ctx, request)).rejects.toMatchObject({
    code: "HOST_NO_SPACE",
    message: 'Cannot build thing "a" in the cache: no space left on the device',
  });
});

describe("pruning", () => {
  test("lists entries, and removes those that were not used for long", async () => {
    await using directory = await createTestDirectory();
    const ctx = createContext({ cacheDir: directory.path });
    const entry = await cached(ctx, createBuild().request);
    await mkdir(path.join(directory.path, "thing", "b-0123456789abcdef.building"));
    const listed = await listCacheEntries(ctx);
    expect(listed.map(({ kind, name, state }) => [kind, name, state])).toEqual([
      ["thing", "a", "complete"],
      ["thing", "b", "unfinished"],
    ]);
    expect(listed[0]?.sizeBytes).toBeGreaterThan(0);

    await expect(pruneCache(ctx, { unusedForMs: 60_000 })).resolves.toEqual([]);
    await expect(pruneCache(ctx, { unusedForMs: -1, kind: "other" })).resolves.toEqual([]);
    await expect(pruneCache(ctx, { unusedForMs: -1, dryRun: true })).resolves.toHaveLength(2);
    await expect(readdir(entry.path)).resolves.toContain("result");
    await expect(pruneCache(ctx, { unusedForMs: -1 })).resolves.toHaveLength(2);
    await expect(listCacheEntries(ctx)).resolves.toEqual([]);
  });

  test("leaves alone what is being built", async () => {
    await using directory = await createTestDirectory();
    const ctx = createContext({ cacheDir: directory.path });
    const { request } = createBuild({
      build: async () => expect(pruneCache(ctx, { unusedForMs: -1 })).resolves.toEqual([]),
    });
    await cached(ctx, request);
  });
});

async function lockPath(cacheDir: string, request: CacheRequest): Promise<string> {
  const directory = path.join(cacheDir, request.kind);
  await mkdir(directory, { recursive: true });
  return path.join(directory, `${request.name}-${cacheKey(request).slice(0, 16)}.lock`);
}
