// SPDX-License-Identifier: Apache-2.0
/** The comparison by which a kernel without CONFIG_UKL is found to be Linux as it was must see what differs. */

import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { compareObjects } from "../kernel/compare-objects.js";
import { createTestDirectory } from "../test-directory.js";

/** A bug entry as the kernel's WARN_ON() makes it: address, file, line, flags. */
const program = `
extern int other(int);
static int helper(int a) { return other(a) + 1; }
int entry(int a)
{
	asm volatile("1: ud2\\n"
		     ".pushsection __bug_table,\\"aw\\"\\n"
		     "2: .long 1b - ., 0\\n"
		     ".word %c0, 7\\n"
		     ".org 2b + 12\\n"
		     ".popsection" : : "i"(__LINE__));
	return helper(a);
}
const char text[] = "text";
const void *pointer = text;
`;

test.each<[string, string, string | undefined]>([
  ["is the same as itself", program, undefined],
  ["may have moved by lines", `\n\n\n${program}`, undefined],
  ["may name static things differently", program.replaceAll("helper", "renamed"), undefined],
  ["may have another comment", `${program}asm(".ident \\"another\\"");\n`, undefined],
  ["has other code", program.replace("+ 1", "+ 2"), ".text: other bytes"],
  ["has more code", program.replace("+ 1", "+ 1 + other(3)"), ".text: type 1"],
  ["calls another function", program.replaceAll("other(", "wrong("), ".text: "],
  ["has other data", program.replace('"text"', '"test"'), ".rodata: other bytes"],
  ["points elsewhere", program.replace("pointer = text", "pointer = text + 1"), ".data"],
  ["has other flags in a bug entry", program.replace("%c0, 7", "%c0, 6"), "__bug_table: other bytes"],
  ["has one more section", `${program}int more __attribute__((section(".more"))) = 1;\n`, ".more: only"],
])("an object %s", async (_name, changed, difference) => {
  await using directory = await createTestDirectory();
  const compile = async (name: string, source: string): Promise<string> => {
    const file = path.join(directory.path, name);
    await writeFile(`${file}.c`, source);
    execFileSync("gcc", ["-O1", "-g", "-fno-inline", "-fno-pie", "-c", "-o", `${file}.o`, `${file}.c`]);
    return `${file}.o`;
  };
  const differences = await compareObjects(await compile("before", program), await compile("after", changed));
  if (difference === undefined) expect(differences).toEqual([]);
  else expect(differences.join("\n")).toContain(difference);
});
