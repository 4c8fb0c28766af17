// SPDX-License-Identifier: Apache-2.0
/** Measuring: whether counting works here, and whether anything takes more instructions than it did. */

import { beforeAll, describe, expect, test } from "vitest";
import { bootSuite } from "../../src/bench/boot.js";
import { deriveDifference } from "../../src/bench/derive-cycles.js";
import { echo, echoSuite } from "../../src/bench/echo.js";
import { findLeastMemory } from "../../src/bench/find-least-memory.js";
import { checkBaseline } from "../../src/bench/guard.js";
import { memcached, memcachedSuite } from "../../src/bench/memcached.js";
import { microSuite } from "../../src/bench/micro.js";
import { measureNative } from "../../src/bench/native.js";
import { nginx, nginxSuite } from "../../src/bench/nginx.js";
import { parseCounts } from "../../src/bench/parse-counts.js";
import { postgresql } from "../../src/bench/postgresql.js";
import { type PreparedBoot, prepareApplication, prepareMicro } from "../../src/bench/prepare-boot.js";
import { prepareHello } from "../../src/bench/prepare-image-boot.js";
import { profileServer } from "../../src/bench/profile-server.js";
import { runBench } from "../../src/bench/run-bench.js";
import { runCounted } from "../../src/bench/run-counted.js";
import { type ServerProfile, sumAreas } from "../../src/bench/server-profile.js";
import { sqliteSuite } from "../../src/bench/sqlite.js";
import type { Suite } from "../../src/bench/suite.js";
import { baseline, type Variant, variantOf } from "../../src/bench/variant.js";
import { formatBaseline } from "../../src/cli/format-baseline.js";
import { createContext } from "../../src/host/context.js";

const ctx = createContext({ assumeYes: process.env["CI"] === "true" });

describe("ukl bench", () => {
  /** The known effect, once as it is and once as it is not. */
  const [effect] = microSuite.effects;
  if (effect === undefined) throw new Error("the suite has no known effect");
  const names = [effect.reference, effect.operation, "getppid"];
  const suite: Suite = {
    ...microSuite,
    references: [],
    operations: names.map((name) => ({ name, title: name })),
    effects: [effect, { ...effect, instructions: effect.instructions + 1 }],
    prepare: (ctx, variant) => prepareMicro(ctx, variant, { operations: names }),
  };

  test("gives the same bytes twice, sees no difference where there is none and the one that there is", async () => {
    const report = await runBench(ctx, { suite, levels: ["base"], seedCount: 2 });
    expect(report.controls.map(({ passed, name }) => [passed, name])).toEqual([
      [true, "Same configuration"],
      [true, "Same seed, same bytes"],
      [true, "A/A: the baseline against itself"],
      [true, "Known effect: 100 instructions in null_call_and_nops"],
      [false, "Known effect: 101 instructions in null_call_and_nops"],
    ]);
    // A single control that fails, and there are no figures.
    expect(report).toMatchObject({ ok: false, rows: [], conclusion: [] });
  });
});

describe("ukl bench --distribution", () => {
  test("counts Debian's own kernel beside ours, repeatably, and says which it is", async () => {
    const names = ["null_call", "null_call_and_nops"];
    const suite: Suite = {
      ...microSuite,
      references: [],
      operations: [{ name: "null_call", title: "null call" }],
      prepare: (ctx, variant) => prepareMicro(ctx, variant, { operations: names }),
    };
    const report = await runBench(ctx, { suite, levels: [], distribution: true, seedCount: 1 });
    expect(report.controls.filter(({ passed }) => !passed)).toEqual([]);
    const [linux, debian] = report.environment.variants;
    expect(debian?.packages).toEqual([expect.stringMatching(/^linux-image-\S*amd64 6\.12\./)]);
    expect(debian?.configHash).not.toBe(linux?.configHash);
    // Another configuration: it has more to do at entry and exit.
    expect(report.rows[0]?.cells[0]?.ratio.median).toBeGreaterThan(1.1);
  });
});

describe("the profile of a server", () => {
  test("says that bypass leaves out half of entry and exit, and nothing of TCP", async () => {
    const [linux, bypass] = [
      await profileServer(ctx, memcached, memcachedSuite.baseline, "get"),
      await profileServer(ctx, memcached, variantOf("bypass"), "get"),
    ];
    const of = (profile: ServerProfile, area: string): number => profile.areas.get(area) ?? 0;
    expect(of(bypass, "entry and exit")).toBeLessThan(of(linux, "entry and exit") * 0.6);
    expect(of(bypass, "TCP and IP") / of(linux, "TCP and IP")).toBeCloseTo(1, 2);
    expect(sumAreas(linux)).toBeGreaterThan(10_000);
    expect(linux.functions.slice(0, 5).map(({ area }) => area)).toContain("TCP and IP");
    const { terms, sum } = deriveDifference(linux, bypass);
    // Two calls at least, of which none is an instruction any more, and no estimate says that it costs more.
    expect(terms.find(({ name }) => name === "SYSCALL")?.difference).toBeLessThanOrEqual(-2);
    expect(sum.high).toBeLessThan(0);
  });
});

describe("the benchmark of a server", () => {
  test("counts, and none of what its client does more", async () => {
    const effects = memcachedSuite.effects;
    const suite: Suite = {
      ...memcachedSuite,
      references: [],
      operations: memcachedSuite.operations.filter(({ name }) => /^get_c1(_all)?$/.test(name)),
      prepare: (ctx, variant) => prepareApplication(ctx, memcached, variant, "set,get,get_nops"),
    };
    const report = await runBench(ctx, { suite, levels: ["base"], seedCount: 1 });
    expect(report.controls.filter(({ passed }) => !passed)).toEqual([]);
    expect(report.controls).toHaveLength(3 + effects.length);
    // The server executes a part of what the machine does.
    const [server, machine] = report.rows.map(({ baseline }) => baseline.median);
    expect(server).toBeGreaterThan(5000);
    expect(machine).toBeGreaterThan((server as number) * 1.5);
  });

  test("ends when an answer is not what it has to be", async () => {
    const wrong = { path: "/srv/www/small", mode: 0o644, data: Buffer.from(`${"x".repeat(1023)}y`) };
    const broken = {
      ...nginx,
      files: async () => (await nginx.files()).map((file) => (file.path === wrong.path ? wrong : file)),
    };
    const boot = await prepareApplication(ctx, broken, nginxSuite.baseline, "small");
    const run = runCounted(ctx, { ...boot, title: "nginx", seed: 1 });
    await expect(run).rejects.toThrow('the server answered "small" with: HTTP/1.1 200 OK');
  });
});

describe("ukl bench echo", () => {
  // eBPF is not tried here: it needs a kernel of its own.
  test("has the same work done by io_uring", async () => {
    const uring = echoSuite.references.find(({ name }) => name === "io_uring") as Variant;
    const [linux, counts] = [await countEcho(baseline), await countEcho(uring)];
    // The client's part is in both of them, and most of it is.
    expect(counts["small_c1_all"]).toBeGreaterThan(5000);
    expect(counts["small_c1_all"]).not.toBe(linux["small_c1_all"]);
    expect(counts["small_c1"]).toBeLessThan(counts["small_c1_all"] as number);
  });
});

async function countEcho(variant: Variant): Promise<Record<string, number>> {
  const title = `echo at ${variant.name}`;
  const boot = await prepareApplication(ctx, echo, variant, "small");
  return Object.fromEntries(
    parseCounts(await runCounted(ctx, { ...boot, title, seed: 1 }), title).operations,
  );
}

describe("ukl bench sqlite", () => {
  test("counts statements in a process, and finds a known effect", async () => {
    const report = await runBench(ctx, {
      suite: { ...sqliteSuite, references: [] },
      levels: ["base"],
      seedCount: 1,
    });
    expect(report.controls.filter(({ passed }) => !passed)).toEqual([]);
    expect(report.rows).toHaveLength(sqliteSuite.operations.length);
  });
});

describe("ukl bench postgresql", () => {
  let boot: PreparedBoot;

  // PostgreSQL takes minutes to compile, and on a busy machine more of them than a test has.
  beforeAll(async () => {
    boot = await prepareApplication(ctx, postgresql, variantOf("base"), "tpcb");
  });

  test("makes a database, and looks at each answer of its transactions", async () => {
    const output = await runCounted(ctx, { ...boot, title: "postgresql", seed: 1 });
    expect([...parseCounts(output, "postgresql").operations.keys()]).toEqual(["tpcb_c1", "tpcb_c1_all"]);
  });
});

describe("ukl bench boot", () => {
  test("counts until main, the same in every run", async () => {
    const { measure: _measure, ...suite } = bootSuite;
    const references = bootSuite.references.filter(({ name }) => name === "base, timer known");
    const report = await runBench(ctx, { suite: { ...suite, references }, seedCount: 1 });
    expect(report.controls.filter(({ passed }) => !passed)).toEqual([]);
    expect(report.rows[0]?.baseline.median).toBeGreaterThan(1e7);
    const known = report.rows[0]?.cells.find(({ variant }) => variant === "base, timer known");
    expect(known?.ratio?.median).toBeLessThan(0.6);
  });

  test("finds how little memory a machine can have", async () => {
    const boot = await prepareHello(ctx, variantOf("base"));
    const least = await findLeastMemory(ctx, { title: "hello", boot, seeds: [1] });
    expect(least).toBeGreaterThan(8);
    expect(least).toBeLessThan(64);
  });
});

test("nothing takes more instructions than is recorded", async ({ skip, annotate }) => {
  const comparison = await checkBaseline(ctx);
  await annotate(formatBaseline(comparison));
  skip(comparison.obstacles.length > 0, formatBaseline(comparison));
  expect(comparison.worse).toEqual([]);
  expect(comparison.unmatched).toEqual([]);
  expect(comparison.compared).toBeGreaterThan(80);
});

// Retried: on a machine with much other work it rightly gives no figure.
test("a system call takes longer than a function, and a part of a request's time", { retry: 3 }, async () => {
  const { nullCallNs, functionCallNs, requestNs, share, redis } = await measureNative(ctx, 2);
  expect(nullCallNs).toBeGreaterThan(functionCallNs);
  // Three calls a request, of which each has the transition and more.
  expect(requestNs).toBeGreaterThan(nullCallNs);
  expect(share.median).toBeGreaterThan(0);
  expect(share.median).toBeLessThan(0.5);
  expect(redis).toMatch(/^5:7\./);
});
