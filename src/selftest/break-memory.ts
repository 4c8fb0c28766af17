// SPDX-License-Identifier: Apache-2.0
/** Machine checks that somebody has to act on: of the program's memory, and of the whole machine. */

import { GdbError } from "../vm/gdb-client.js";
import type { DebuggedProgram } from "./debugged-program.js";
import {
  brokenMemory,
  fatal,
  ignorable,
  injectMachineCheck,
  type MachineCheck,
  notRestartable,
} from "./inject-machine-checks.js";
import type { TapTest } from "./parse-tap.js";

export interface MemoryErrors {
  /** Whether the kernel can give up single pages: CONFIG_MEMORY_FAILURE. */
  readonly givesUpPages: boolean;
}

/** Errors that hit the program, and only it. It catches their signal and goes on with another page. */
export async function* breakMemory(
  program: DebuggedProgram,
  { givesUpPages }: MemoryErrors,
): AsyncGenerator<TapTest, void> {
  await program.write("walk_use_victim", 1n);
  for (const [name, { needsPages, ...attempt }] of Object.entries(attempts)) {
    if (needsPages === true && !givesUpPages) {
      yield { name, outcome: "skipped", diagnostics: ["without CONFIG_MEMORY_FAILURE the kernel panics"] };
      continue;
    }
    const trouble = await makeAttempt(program, attempt).catch(describeEnd);
    yield { name, outcome: trouble === undefined ? "passed" : "failed", diagnostics: trouble ?? [] };
    // The machine may have ended.
    if (trouble !== undefined) return;
  }
}

/** The end of the machine. Resolves when it has been told; what it makes of that is in its log. */
export async function breakMachine(program: DebuggedProgram): Promise<void> {
  await program.write("walk_use_victim", 1n);
  await program.reach(program.address("walk_victim_access"));
  await injectMachineCheck(program.machine, fatal);
  await program.gdb.detach();
}

interface Attempt {
  readonly check: (program: DebuggedProgram) => Promise<MachineCheck>;
  readonly signal: "none" | "without an address" | "with an address";
}

const attempts: Readonly<Record<string, Attempt & { readonly needsPages?: boolean }>> = {
  an_error_that_needs_no_action: { check: async () => ignorable, signal: "none" },
  an_error_that_cannot_be_restarted: { check: async () => notRestartable, signal: "without an address" },
  broken_memory_of_the_program: {
    check: async (program) => brokenMemory(await findPhysical(program)),
    signal: "with an address",
    needsPages: true,
  },
};

/** @returns what went wrong */
async function makeAttempt(
  program: DebuggedProgram,
  { check, signal }: Attempt,
): Promise<string[] | undefined> {
  const errors = await program.read("walk_bus_errors");
  const victim = await program.read("walk_victim");
  if (!(await program.reach(program.address("walk_victim_access"))))
    return ["the program did not read the page"];
  const refusal = await injectMachineCheck(program.machine, await check(program));
  if (refusal !== "") return [refusal];
  await program.gdb.resume();
  const count = (await program.read("walk_bus_errors")) - errors;
  if (count !== (signal === "none" ? 0n : 1n)) return [`the program got ${count} SIGBUS`];
  const address = await program.read("walk_bus_address");
  const expected = signal === "with an address" ? victim : 0n;
  return address === expected
    ? undefined
    : [`it was at ${address.toString(16)}, not at ${expected.toString(16)}`];
}

function describeEnd(error: unknown): string[] {
  if (error instanceof GdbError) return [error.message];
  throw error;
}

async function findPhysical(program: DebuggedProgram): Promise<bigint> {
  const victim = await program.read("walk_victim");
  const answer = await program.machine.monitor(`gva2gpa 0x${victim.toString(16)}`);
  const [, physical] = /^gpa: (0x[0-9a-f]+)$/.exec(answer) ?? [];
  if (physical === undefined) throw new Error(`the page has no physical address: ${answer}`);
  return BigInt(physical);
}
