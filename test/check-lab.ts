// SPDX-License-Identifier: Apache-2.0
/** A place where tests of the check compile what is to be checked, with the system's compiler. */

import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { check } from "../src/check/check.js";
import type { CheckReport, Finding } from "../src/check/finding.js";
import type { RuleId } from "../src/check/rules.js";
import { createContext } from "../src/host/context.js";
import { createTestDirectory, type TestDirectory } from "./test-directory.js";

/** A C or assembler source, the flags to compile it with, and what becomes of it. */
export interface Sample {
  /** A function's body in C. */
  readonly c?: string;
  /** The body of the function `subject`, in the assembler's words. */
  readonly asm?: string;
  /** Default: compile only. */
  readonly flags?: readonly string[];
  /** Commands on "FILE" after compiling. */
  readonly finish?: readonly (readonly string[])[];
  /** Or any bytes. */
  readonly bytes?: Uint8Array | string;
}

export class CheckLab implements AsyncDisposable {
  readonly #directory: TestDirectory;
  #samples = 0;

  private constructor(directory: TestDirectory) {
    this.#directory = directory;
  }

  static async create(): Promise<CheckLab> {
    return new CheckLab(await createTestDirectory());
  }

  /** The path of a file in the lab. */
  file(name: string): string {
    return path.join(this.#directory.path, name);
  }

  /** Runs a command in the lab. */
  run(command: string, ...args: readonly string[]): string {
    return execFileSync(command, args, {
      cwd: this.#directory.path,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
  }

  /** Makes the file; returns its path. */
  async make(sample: Sample): Promise<string> {
    const name = `sample${++this.#samples}`;
    if (sample.bytes !== undefined) {
      await writeFile(this.file(name), sample.bytes);
      return this.file(name);
    }
    const source = `${name}${sample.c === undefined ? ".s" : ".c"}`;
    await writeFile(this.file(source), sample.c ?? wrapAssembler(sample.asm ?? ""));
    this.run("gcc", ...(sample.flags ?? ["-c"]), "-o", name, source);
    for (const [command = "", ...args] of sample.finish ?? [])
      this.run(command, ...args.map((argument) => (argument === "FILE" ? name : argument)));
    return this.file(name);
  }

  /** Checks it, with an empty cache unless the test has filled it. */
  async check(sample: Sample | string): Promise<CheckReport> {
    const file = typeof sample === "string" ? sample : await this.make(sample);
    await mkdir(this.file("cache"), { recursive: true });
    return check(createContext({ cacheDir: this.file("cache") }), { path: file });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory[Symbol.asyncDispose]();
  }
}

/** The findings of one rule. */
export function findingsOf({ findings }: CheckReport, rule: RuleId): Finding[] {
  return findings.filter((finding) => finding.rule === rule);
}

function wrapAssembler(body: string): string {
  return [
    "\t.text",
    "\t.globl subject",
    "\t.type subject, @function",
    "subject:",
    ...body.split(";").map((line) => `\t${line.trim()}`),
    // A body with an end of its own has more behind it.
    ...(body.includes(".size subject") ? [] : ["\tret", "\t.size subject, . - subject"]),
    '\t.section .note.GNU-stack, "", @progbits',
    "",
  ].join("\n");
}
