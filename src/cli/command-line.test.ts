// SPDX-License-Identifier: Apache-2.0
import { run } from "@stricli/core";
import { describe, expect, test } from "vitest";
import { suites } from "../bench/suites.js";
import { buildCommandLine } from "./command-line.js";
import { commandTable } from "./command-table.js";

const commands = Object.entries(commandTable).flatMap(([name, entry]) =>
  "commands" in entry
    ? Object.entries(entry.commands).map(([sub, { brief }]) => ({ words: [name, sub], brief }))
    : [{ words: [name], brief: entry.brief }],
);
const groups = Object.entries(commandTable).filter(([, entry]) => "commands" in entry);

/** Parses a command line as main does; what it runs is never more than help. */
async function type(...words: string[]) {
  const written = { stdout: "", stderr: "" };
  const collect = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const process = {
    stdout: collect("stdout"),
    stderr: collect("stderr"),
    env: {},
    exitCode: null as number | null,
  };
  const signal = new AbortController().signal;
  const app = await buildCommandLine(words, "1.2.3");
  await run(app, words, { process, signal, passthrough: [], outcome: { status: 0 } });
  return { ...written, exitCode: process.exitCode };
}

describe.each(commands)("$words", ({ words, brief }) => {
  test("has help, on stdout, with the flags that every command has", async () => {
    const { stdout, stderr, exitCode } = await type(...words, "--help");
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout).toContain(brief);
    expect(stdout).toContain("--verbose");
    expect(stdout).toContain("--yes");
  });

  test("suggests its flags", async () => {
    const { stderr } = await type(...words, "--verbos");
    expect(stderr).toContain("did you mean --verbose?");
  });

  test("is suggested when two letters of its name are swapped", async () => {
    const name = words.at(-1) ?? "";
    const swapped = `${name[1]}${name[0]}${name.slice(2)}`;
    const { stderr } = await type(...words.slice(0, -1), swapped);
    expect(stderr).toContain(`did you mean \`${name}\`?`);
  });

  test("is described in a sentence without its end", () => {
    expect(brief).toMatch(/^[A-Z].*[^.]$/);
  });
});

test("every suite has its command, and all of them one", () => {
  const bench = commands.filter(({ words: [group] }) => group === "bench").map(({ words }) => words[1]);
  expect(bench.sort()).toEqual(
    [...suites.map(({ name }) => name), "profile", "native", "all", "baseline"].sort(),
  );
});

test.each(groups)("%s alone says what belongs to it", async (name, entry) => {
  const { stdout, exitCode } = await type(name);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(entry.brief);
});

test("help lists every command", async () => {
  const { stdout } = await type("--help");
  for (const [name, { brief }] of Object.entries(commandTable)) {
    expect(stdout).toContain(name);
    expect(stdout).toContain(brief);
  }
});

test.each([
  [["run", "hello", "--level", "bas"], 'did you mean "base"?'],
  [["run", "hello", "--accel", "kmv"], 'did you mean "kvm"?'],
  [["run", "hello", "--memory", "lots"], "Cannot give the machine"],
  [["kernel", "test", "--level", "bsae"], 'did you mean "base"?'],
  [["kernel", "test", "--cpu", "max", "--cpu", "qemu46"], 'did you mean "qemu64"?'],
  [["kernel", "test", "--cpus", "two"], 'Cannot give the machine "two" CPUs'],
  [["kernel", "test", "--kaslr", "-1"], 'Cannot count to "-1"'],
  [["run"], "Expected argument for APP"],
])("%j says what would be right", async (words, text) => {
  const { stdout, stderr } = await type(...words);
  expect(stdout).toBe("");
  expect(stderr).toContain(text);
});

test.each(["--version", "-V"])("%s prints the version", async (flag) => {
  await expect(type(flag)).resolves.toMatchObject({ stdout: "1.2.3\n", exitCode: 0 });
});
