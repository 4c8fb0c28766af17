// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { findLostOptions } from "./find-lost-options.js";

const config = `
CONFIG_SMP=y
CONFIG_NR_CPUS=64
CONFIG_LOCALVERSION=""
# CONFIG_SLUB_TINY is not set
`;

test("what survived is not reported", () => {
  expect(findLostOptions("CONFIG_SMP=y\nCONFIG_NR_CPUS=64\n# CONFIG_SLUB_TINY is not set", config)).toEqual(
    [],
  );
});

test("an option that does not exist is off", () => {
  expect(findLostOptions("# CONFIG_GONE is not set", config)).toEqual([]);
});

test("what a dependency dropped is reported with what became of it", () => {
  expect(findLostOptions("CONFIG_SLUB_TINY=y\nCONFIG_GONE=y\nCONFIG_NR_CPUS=8", config)).toEqual([
    { wanted: "CONFIG_SLUB_TINY=y", got: "# CONFIG_SLUB_TINY is not set" },
    { wanted: "CONFIG_GONE=y", got: "absent" },
    { wanted: "CONFIG_NR_CPUS=8", got: "CONFIG_NR_CPUS=64" },
  ]);
});

test("the last of two lines counts", () => {
  expect(findLostOptions("CONFIG_NR_CPUS=8\nCONFIG_NR_CPUS=64", config)).toEqual([]);
});
