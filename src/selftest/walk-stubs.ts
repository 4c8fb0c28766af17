// SPDX-License-Identifier: Apache-2.0
/**
 * Stops a program at one instruction of the kernel's entry and exit stubs after the other, and makes something happen
 * there. The program checks that nothing of its own changes.
 */

import { gdbRegister } from "../vm/gdb-client.js";
import type { DebuggedProgram } from "./debugged-program.js";
import { explainUnreached } from "./explain-unreached.js";
import { ignorable, injectMachineCheck } from "./inject-machine-checks.js";
import type { TapTest } from "./parse-tap.js";
import { listStubs, readStub, type StubInstruction } from "./stub-code.js";
import type { SuiteLevel } from "./suite-level.js";
import { selectTests } from "./suite-tests.js";
import { addressOf } from "./symbol-table.js";

/**
 * - `signal`: a device interrupts, and its interrupt is a signal for the program
 * - `nmi`: a non-maskable interrupt
 * - `machine-check`: one that needs no action
 * - `nested`: an NMI, before its handler has done anything a machine check, and in that one's handler a page fault
 * - `step`: the trap flag is set, as a debugger in the guest does
 */
export const stubEvents = ["signal", "nmi", "machine-check", "nested", "step"] as const;

export type StubEvent = (typeof stubEvents)[number];

/**
 * Walks through the stubs whose names match; all of them without patterns. A result for each instruction; the first
 * failure is the last result, as the program has ended by then.
 */
export async function* walkStubs(
  program: DebuggedProgram,
  level: SuiteLevel,
  patterns: readonly string[],
): AsyncGenerator<TapTest, void> {
  const { gdb, kernel } = program;
  const stubs = selectTests(await listStubs(gdb, kernel, level), patterns);
  const walker = new StubWalker(program);
  for (const stub of stubs) {
    let entered = true;
    for (const [index, instruction] of (await readStub(gdb, kernel, stub)).entries()) {
      const test = entered ? await walker.visit(instruction) : judgeUnreached(instruction);
      // What is not entered has no instruction that is reached.
      if (index === 0 && test.events === 0) entered = false;
      yield test;
      if (walker.failed) return;
    }
  }
}

/**
 * Rounds of the program without an instruction after which it does not come to it. What comes from outside hits the
 * kernel when a timer is due at the same time, so it gets more.
 */
const roundsToReach = { inside: 2, outside: 24 } as const;

type Visit = TapTest & { readonly events: number };

function judgeUnreached(instruction: StubInstruction): Visit {
  const reason = explainUnreached(instruction);
  const [outcome, text] =
    reason === undefined
      ? (["failed", "the program did not come to it"] as const)
      : (["skipped", reason] as const);
  return { name: instruction.name, outcome, diagnostics: [text], events: 0 };
}

class StubWalker {
  failed = false;
  readonly #program: DebuggedProgram;
  #signals = 0n;

  constructor(program: DebuggedProgram) {
    this.#program = program;
  }

  async visit(instruction: StubInstruction): Promise<Visit> {
    const { name } = instruction;
    const events: StubEvent[] = [];
    for (const event of stubEvents) {
      try {
        if (!(await this.#reach(instruction))) return judgeUnreached(instruction);
        const possible = await this.#trigger(event, instruction);
        await this.#finish();
        if (possible) events.push(event);
      } catch (error) {
        this.failed = true;
        const diagnostics = [`${event}: ${error instanceof Error ? error.message : String(error)}`];
        return { name, outcome: "failed", diagnostics, events: events.length };
      }
    }
    return { name, outcome: "passed", diagnostics: [events.join(" ")], events: events.length };
  }

  /** From the marker to an instruction, or to the marker again. */
  async #reach({ address, stub }: StubInstruction): Promise<boolean> {
    const isOutside = fromOutside.has(stub);
    for (let round = 0; round < roundsToReach[isOutside ? "outside" : "inside"]; round++) {
      // In one round what comes from outside hits the program, in the next the kernel.
      if (isOutside && round % 2 === 1) {
        await this.#program.leaveMarkerTo("__x64_sys_getcwd");
        await this.#provoke(stub);
        if (await this.#program.resumeTo(address)) return true;
        continue;
      }
      await this.#provoke(stub);
      if (await this.#program.reach(address)) return true;
    }
    return false;
  }

  async #provoke(stub: string): Promise<void> {
    if (stub === "asm_common_interrupt") await this.#interrupt();
    if (stub === machineCheckStub) await this.#machineCheck();
  }

  /** To the marker, where everything that was to be has been. */
  async #finish(): Promise<void> {
    await this.#program.gdb.resume();
    for (let round = 0; ; round++) {
      const signals = await this.#program.read("walk_signals");
      if (signals === this.#signals) return;
      if (round === 1) throw new Error(`the program got ${signals} signals instead of ${this.#signals}`);
      await this.#program.leaveMarker();
    }
  }

  /** @returns whether that can be, here */
  async #trigger(event: StubEvent, { stub }: StubInstruction): Promise<boolean> {
    switch (event) {
      case "signal":
        await this.#interrupt();
        return true;
      case "nmi":
        await this.#program.machine.injectNmi();
        return true;
      case "machine-check":
        // A second one resets the machine.
        if (stub === machineCheckStub) return false;
        await this.#machineCheck();
        return true;
      case "nested":
        if (stub === machineCheckStub) return false;
        await this.#program.machine.injectNmi();
        await this.#program.runTo("exc_nmi");
        await this.#machineCheck();
        await this.#program.runTo("do_machine_check");
        await this.#fault();
        return true;
      case "step":
        return this.#step();
    }
  }

  async #interrupt(): Promise<void> {
    this.#signals += 1n;
    await this.#program.machine.interrupt();
  }

  async #machineCheck(): Promise<void> {
    const refusal = await injectMachineCheck(this.#program.machine, ignorable);
    if (refusal !== "") throw new Error(refusal);
  }

  /** A page fault of the kernel's, where it is. CR2 is kept, which the handler of a machine check does not do in Linux. */
  async #fault(): Promise<void> {
    const { gdb, kernel } = this.#program;
    const faultAddress = await gdb.readRegister(gdbRegister.cr2);
    const scratch = (await gdb.readRegister(gdbRegister.rsp)) - 128n;
    const result = await gdb.call(addressOf(kernel, "copy_from_kernel_nofault"), [scratch, unmapped, 8n]);
    if (BigInt.asIntN(32, result) !== efault) throw new Error(`reading unmapped memory gave ${result}`);
    await gdb.writeRegister(gdbRegister.cr2, faultAddress);
  }

  async #step(): Promise<boolean> {
    const { gdb } = this.#program;
    const flags = await gdb.readRegister(gdbRegister.eflags);
    const stack = BigInt.asIntN(64, await gdb.readRegister(gdbRegister.rsp));
    // The guest's debugger can stop the program only where interrupts are on, and on its own stack.
    if ((flags & interruptFlag) === 0n || stack < 0n) return false;
    await gdb.writeRegister(gdbRegister.eflags, flags | trapFlag);
    return true;
  }
}

const machineCheckStub = "asm_exc_machine_check";
/** Stubs that the program cannot go through by itself. */
const fromOutside: ReadonlySet<string> = new Set(["asm_common_interrupt", machineCheckStub]);
const interruptFlag = 0x200n;
const trapFlag = 0x100n;
const efault = -14n;
/** In the kernel's half, and of nobody. */
const unmapped = 0xffffffffffff0000n;
