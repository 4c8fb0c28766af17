// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { type ControlRequest, checkControls } from "./check-controls.js";
import type { VariantCounts } from "./count-variants.js";
import { baseline as linux, variantOf } from "./variant.js";

/** A variant whose operations have these counts, seed by seed. */
function counted(
  counts: Readonly<Record<string, readonly number[]>>,
  { name = "linux", repeatable = true }: { name?: string; repeatable?: boolean } = {},
): VariantCounts {
  const seeds = Object.values(counts)[0]?.length ?? 0;
  return {
    boot: { variant: name === "linux" ? linux : variantOf("base") } as VariantCounts["boot"],
    runs: Array.from({ length: seeds }, (_, seed) => ({
      builtBy: "",
      operations: new Map(
        Object.entries(counts).map(([operation, values]) => [operation, values[seed] as number]),
      ),
    })),
    repeatable,
  };
}

const good = { null_call: [150, 150, 150], with_nops: [250, 250, 250] };

const describeVariant = (configHash: string, ...kernelConfig: string[]) => ({
  ...{ name: "base", kernelHash: "", configHash, kernelConfig, kernelArguments: [], programHash: "" },
});
const environment = (...configHashes: string[]): ControlRequest["environment"] => ({
  variants: configHashes.map((configHash) => describeVariant(configHash)),
});

const check = (part: Partial<ControlRequest>) =>
  checkControls({
    baseline: counted(good),
    control: counted(good),
    variants: [counted(good, { name: "base" })],
    operations: ["null_call"],
    effects: [{ operation: "with_nops", reference: "null_call", instructions: 100, tolerance: 0.01 }],
    environment: environment("c1", "c1"),
    ...part,
  }).map(({ passed }) => passed);

describe("controls", () => {
  test("pass for a measurement that can be believed", () => {
    expect(check({})).toEqual([true, true, true, true]);
  });

  test("fail when a kernel has other options", () => {
    expect(check({ environment: environment("c1", "c2") })).toEqual([false, true, true, true]);
  });

  test("pass when it has those that were asked for, and fail when another that was asked for the same has not", () => {
    const variants = [describeVariant("c1"), describeVariant("c2", "tuned"), describeVariant("c2", "tuned")];
    expect(check({ environment: { variants } })).toEqual([true, true, true, true]);
    const wrong = [...variants, describeVariant("c1", "tuned")];
    expect(check({ environment: { variants: wrong } })).toEqual([false, true, true, true]);
  });

  test("leave out the distribution's kernel, which has its own options, and say so", () => {
    const debian = { ...describeVariant("c2"), name: "debian", packages: ["linux-image 6.12"] };
    const environment = { variants: [describeVariant("c1"), debian, describeVariant("c1")] };
    expect(check({ environment })).toEqual([true, true, true, true]);
    const wrong = { variants: [...environment.variants, describeVariant("c2")] };
    expect(check({ environment: wrong })).toEqual([false, true, true, true]);
    const { baseline, control } = { baseline: counted(good), control: counted(good) };
    const [configuration] = checkControls({
      ...{ baseline, control, variants: [], operations: ["null_call"], effects: [], environment },
    });
    expect(configuration?.detail).toMatch(/all other variants .*; debian is exempt: it is to have/);
  });

  test("fail when the same seed gave different bytes at one level", () => {
    expect(check({ variants: [counted(good, { name: "base", repeatable: false })] })).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  test("fail when the baseline differs from itself", () => {
    const other = { ...good, null_call: [151, 151, 151] };
    expect(check({ control: counted({ ...other, with_nops: [251, 251, 251] }) })).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  test("fail when nothing was counted", () => {
    const nothing = counted({ null_call: [0, 0, 0], with_nops: [100, 100, 100] });
    expect(check({ baseline: nothing, control: nothing })).toEqual([true, true, false, true]);
  });

  test("pass when it differs no more than its seeds do, unless that is much", () => {
    const spread = (values: number[]) =>
      counted({ null_call: values, with_nops: values.map((n) => n + 100) });
    expect(check({ control: spread([149, 151, 150]) })).toEqual([true, true, true, true]);
    expect(check({ control: spread([120, 180, 170]) })).toEqual([true, true, false, true]);
  });

  test("allow what layouts differ at most when there is one, and no more", () => {
    const one = (count: number) => counted({ null_call: [count], with_nops: [count + 100] });
    const checkOne = (count: number) =>
      check({
        baseline: one(150),
        control: one(count),
        variants: [counted({ null_call: [150], with_nops: [250] })],
      });
    expect(checkOne(152)).toEqual([true, true, true, true]);
    expect(checkOne(160)).toEqual([true, true, false, true]);
  });

  test("fail when a known effect is missed in one boot of one variant", () => {
    const slip = { ...good, with_nops: [250, 250, 251] };
    expect(check({ variants: [counted(slip, { name: "base" })] })).toEqual([true, true, true, false]);
  });
});
