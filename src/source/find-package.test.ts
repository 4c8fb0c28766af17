// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { UklError } from "../errors/ukl-error.js";
import { createContext } from "../host/context.js";
import { silentLog } from "../log/log.js";
import {
  downloadFirst,
  findPackageVersions,
  findSourceName,
  packageNotFoundError,
  upstreamVersion,
} from "./find-package.js";
import type { PrivateApt } from "./private-apt.js";

/** An apt whose index holds these versions, in apt's own format and order. */
function aptWith(...versions: readonly string[]): PrivateApt {
  const stdout = versions.map((version) => `Package: redis\nVersion: ${version}\n`).join("\n");
  return { run: async () => ({ exitCode: 0, signal: undefined, stdout, stderr: "", durationMs: 0 }) };
}

const ctx = createContext();
const redis = { kind: "debian-source", package: "redis" } as const;

test("begins with the newest as dpkg orders them: an epoch counts most, a tilde comes before nothing", async () => {
  const apt = aptWith("5:7.0.15-1~deb12u9", "5:7.0.15-1~deb12u10", "9:1.0-1~rc1", "9:1.0-1");
  await expect(findPackageVersions(ctx, apt, redis)).resolves.toEqual([
    ...["9:1.0-1", "9:1.0-1~rc1", "5:7.0.15-1~deb12u10", "5:7.0.15-1~deb12u9"],
  ]);
});

test("takes the newest of the upstream version that was asked for, or the very one", async () => {
  const apt = aptWith("5:8.0.2-1", "5:7.0.15-1~deb12u9", "5:7.0.15-1~deb12u10");
  const find = (version: string) => findPackageVersions(ctx, apt, { ...redis, version });
  await expect(find("7.0.15")).resolves.toEqual(["5:7.0.15-1~deb12u10", "5:7.0.15-1~deb12u9"]);
  await expect(find("5:7.0.15-1~deb12u9")).resolves.toEqual(["5:7.0.15-1~deb12u9"]);
  await expect(find("7.0")).resolves.toEqual(["5:7.0.15-1~deb12u10", "5:7.0.15-1~deb12u9"]);
  await expect(find("7.0.1")).resolves.toEqual([]);
});

test("finds nothing where there is nothing", async () => {
  await expect(findPackageVersions(ctx, aptWith(), redis)).resolves.toEqual([]);
});

test("a package's name leads to the source package that it is built from", async () => {
  await expect(findSourceName(aptWith("5:7.0.15-1"), "redis-tools")).resolves.toBe("redis");
  await expect(findSourceName(aptWith("5:7.0.15-1"), "redis")).resolves.toBeUndefined();
  await expect(findSourceName(aptWith(), "nosuch")).resolves.toBeUndefined();
  const spec = { kind: "debian-source", package: "redis-tools" } as const;
  expect(packageNotFoundError(spec, "the sources", "redis").hint).toContain('source package "redis"');
});

test("what the mirror lists but does not have is passed over, and that is said", async () => {
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (text: string) => void warnings.push(text) };
  const tried: string[] = [];
  const version = await downloadFirst(createContext({ log }), "redis", ["3", "2", "1"], async (version) => {
    tried.push(version);
    if (version === "3") throw new UklError("HOST_COMMAND_FAILED", "Failed to fetch: 404  Not Found");
  });
  expect({ version, tried }).toEqual({ version: "2", tried: ["3", "2"] });
  expect(warnings).toEqual(["The mirror lists redis 3 but does not have it; 2 is used"]);
});

test("a download that fails for another reason, and the last one, fail", async () => {
  const fail = (message: string) => (): Promise<never> =>
    Promise.reject(new UklError("HOST_COMMAND_FAILED", message));
  await expect(downloadFirst(ctx, "redis", ["3", "2"], fail("no route"))).rejects.toThrow("no route");
  await expect(downloadFirst(ctx, "redis", ["3"], fail("404 Not Found"))).rejects.toThrow("404");
});

test.each([
  ["5:7.0.15-1~deb12u10", "7.0.15"],
  ["2.36-9+deb12u14", "2.36"],
  ["1.0-rc-1", "1.0-rc"],
  ["6.12", "6.12"],
])("the upstream part of %s is %s", (version, upstream) => {
  expect(upstreamVersion(version)).toBe(upstream);
});
