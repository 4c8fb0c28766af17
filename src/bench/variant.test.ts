// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { baseline, configuredVariant, partVariant, variantOf } from "./variant.js";

test("a configuration belongs to a variant's name, and changes nothing else", () => {
  const tuned = configuredVariant(variantOf("base"), { fragments: ["tuned", "unhardened"] });
  expect(tuned).toEqual({
    ...variantOf("base"),
    name: "base, tuned, unhardened",
    kernelConfig: { fragments: ["tuned", "unhardened"] },
    meaning: "base with the kernel's configuration tuned, unhardened",
  });
  const profile = { path: "/profile", key: "0" };
  expect(configuredVariant(baseline, { fragments: ["tuned"], profile })).toMatchObject({
    name: "linux, tuned, profile-guided",
    meaning:
      "linux with the kernel's configuration tuned and a kernel that was compiled by a profile of the program's own test",
  });
});

test("a part of a fragment is called by what it is", () => {
  const part = { name: "no SLUB_DEBUG", options: ["# CONFIG_SLUB_DEBUG is not set"], compilerFlags: [] };
  expect(partVariant(baseline, part)).toMatchObject({
    ...{ name: "no SLUB_DEBUG", level: "linux", kernelConfig: { part } },
    meaning: "linux with this option of the kernel: # CONFIG_SLUB_DEBUG is not set",
  });
});
