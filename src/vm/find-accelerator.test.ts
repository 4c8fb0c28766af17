// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createContext } from "../host/context.js";
import { packagePath } from "../host/package-path.js";
import { findAccelerator, runProbeGuest } from "./find-accelerator.js";
import { buildProbeDisk } from "./probe-guest.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "ukl-accel-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("the boot sector is what the assembler makes of probe-guest.S", () => {
  const [object, binary] = [path.join(directory, "o"), path.join(directory, "bin")];
  execFileSync("gcc", ["-c", "-o", object, packagePath("src", "vm", "probe-guest.S")]);
  execFileSync("ld", ["-Ttext=0x7c00", "--oformat", "binary", "-o", binary, object]);
  expect(Buffer.compare(readFileSync(binary), buildProbeDisk())).toBe(0);
});

describe("runProbeGuest", () => {
  test("the guest runs to its end under emulation", async () => {
    const answer = await runProbeGuest(createContext({ cacheDir: directory }), "tcg", 60_000);
    expect(answer).toEqual({ kind: "tcg", reason: "a small guest ran" });
  });

  test("a guest that does not finish in time is a hang", async () => {
    const answer = await runProbeGuest(createContext({ cacheDir: directory }), "tcg", 1);
    expect(answer.reason).toBe("a small guest hung under KVM for 0.001 s");
  });
});

describe("findAccelerator", () => {
  test("gives a reason for its choice, and the same answer again", async () => {
    const ctx = createContext({ cacheDir: directory });
    const first = await findAccelerator(ctx, "auto");
    expect(first.reason).not.toBe("");
    expect(await findAccelerator(ctx, "auto")).toEqual(first);
    if (existsSync("/dev/kvm"))
      expect(existsSync(path.join(directory, "probe", "accelerator.json"))).toBe(true);
    if (first.kind === "tcg")
      await expect(findAccelerator(ctx, "kvm")).rejects.toThrow(`Cannot use KVM: ${first.reason}`);
  });

  test("does not probe when emulation is wanted", async () => {
    expect(await findAccelerator(createContext({ cacheDir: directory }), "tcg")).toEqual({
      kind: "tcg",
      reason: "it was asked for",
    });
    expect(existsSync(path.join(directory, "probe"))).toBe(false);
  });
});
