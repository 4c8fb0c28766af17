// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { createContext } from "../host/context.js";
import { findPackageVersion, upstreamVersion } from "./find-package.js";
import type { PrivateApt } from "./private-apt.js";

/** An apt whose index holds these versions, in apt's own format and order. */
function aptWith(...versions: readonly string[]): PrivateApt {
  const stdout = versions.map((version) => `Package: redis\nVersion: ${version}\n`).join("\n");
  return { run: async () => ({ exitCode: 0, signal: undefined, stdout, stderr: "", durationMs: 0 }) };
}

const ctx = createContext();
const redis = { kind: "debian-source", package: "redis" } as const;

test("takes the newest as dpkg orders them: an epoch counts most, a tilde comes before nothing", async () => {
  const apt = aptWith("5:7.0.15-1~deb12u9", "5:7.0.15-1~deb12u10", "9:1.0-1~rc1", "9:1.0-1");
  await expect(findPackageVersion(ctx, apt, redis)).resolves.toBe("9:1.0-1");
});

test("takes the newest of the upstream version that was asked for, or the very one", async () => {
  const apt = aptWith("5:8.0.2-1", "5:7.0.15-1~deb12u9", "5:7.0.15-1~deb12u10");
  const find = (version: string) => findPackageVersion(ctx, apt, { ...redis, version });
  await expect(find("7.0.15")).resolves.toBe("5:7.0.15-1~deb12u10");
  await expect(find("5:7.0.15-1~deb12u9")).resolves.toBe("5:7.0.15-1~deb12u9");
  await expect(find("7.0")).resolves.toBeUndefined();
});

test("finds nothing where there is nothing", async () => {
  await expect(findPackageVersion(ctx, aptWith(), redis)).resolves.toBeUndefined();
});

test.each([
  ["5:7.0.15-1~deb12u10", "7.0.15"],
  ["2.36-9+deb12u14", "2.36"],
  ["1.0-rc-1", "1.0-rc"],
  ["6.12", "6.12"],
])("the upstream part of %s is %s", (version, upstream) => {
  expect(upstreamVersion(version)).toBe(upstream);
});
