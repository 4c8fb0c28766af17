// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { packagePath } from "../host/package-path.js";
import { parseFragment, parseFragmentParts } from "./parse-fragment.js";

const text = `# SPDX-License-Identifier: GPL-2.0-only
# What this is for.

# The kernel's own work is not interrupted. CONFIG_PREEMPT_NONE=y is the default.
# CONFIG_PREEMPT_VOLUNTARY is not set
CONFIG_PREEMPT_NONE=y

# Nobody looks.
# CONFIG_SLUB_DEBUG is not set
# Nor there.
# CONFIG_STACKTRACE is not set

# Every processor since 2013.
KCFLAGS=-O3 -march=x86-64-v3
`;

test("options and flags are told from what is said about them", () => {
  expect(parseFragment(text)).toEqual({
    options: [
      "# CONFIG_PREEMPT_VOLUNTARY is not set",
      "CONFIG_PREEMPT_NONE=y",
      "# CONFIG_SLUB_DEBUG is not set",
      "# CONFIG_STACKTRACE is not set",
    ],
    compilerFlags: ["-O3", "-march=x86-64-v3"],
  });
});

test("what stands together is one decision, called by what it switches on, or else off", () => {
  expect(parseFragmentParts(text).map(({ name, options }) => [name, options.length])).toEqual([
    ["PREEMPT_NONE", 2],
    ["no SLUB_DEBUG", 2],
    ["-O3 -march=x86-64-v3", 0],
  ]);
});

const loadText = (name: string) => readFile(packagePath("kernel", "config", `${name}.config`), "utf8");

test.each(["tuned", "compiler", "uniprocessor", "unhardened"])(
  "every decision of %s says what is lost by it",
  async (name) => {
    const parts = (await loadText(name))
      .split(/\n\s*\n/)
      .filter((part) => parseFragmentParts(part).length > 0);
    expect(parts.length).toBeGreaterThan(0);
    expect(parts.filter((part) => !/^# .*Lost: /m.test(part))).toEqual([]);
  },
);

test.each(["tuned", "compiler", "uniprocessor"])(
  "%s takes nothing from the protection of the kernel or of processes",
  async (name) => {
    const { options } = parseFragment(await loadText(name));
    const protection =
      /MITIGATION|STACKPROTECTOR|INIT_STACK|INIT_ON|RANDOMIZE|VMAP_STACK|RWX|HARDEN|FORTIFY|SECCOMP|X86_SMAP|UMIP/;
    expect(options.filter((line) => protection.test(line))).toEqual([]);
  },
);
