// SPDX-License-Identifier: Apache-2.0
/** Machine checks: of errors that need no action, one after the other, and of those that a test asks for. */

import { type GdbClient, GdbError, gdbRegister } from "../vm/gdb-client.js";
import type { Machine } from "../vm/machine.js";
import { QmpError } from "../vm/qmp-client.js";
import { addressOf, type SymbolTable } from "./symbol-table.js";

/** Bits of IA32_MCi_STATUS and their meaning for the kernel: arch/x86/kernel/cpu/mce/severity.c. */
const reported = 1n << 63n;
const uncorrected = 1n << 61n;
const enabled = 1n << 60n;
const miscValid = 1n << 59n;
const addressValid = 1n << 58n;
const contextCorrupt = 1n << 57n;
const signaled = 1n << 56n;
const actionRequired = 1n << 55n;
const scrubbing = 0xc0n;
const dataLoad = 0x134n;

/** Bits of IA32_MCG_STATUS. */
const restartable = 1n;
const atInstruction = 2n;
const inProgress = 4n;
const local = 8n;

/** An address is physical, and of a page. */
const pageOfMemory = 0x8cn;

export interface MachineCheck {
  readonly status: bigint;
  readonly global: bigint;
  readonly address?: bigint;
}

/** Found by the memory controller's scrubber, used by nobody: the kernel takes note. */
export const ignorable: MachineCheck = {
  status: reported | uncorrected | enabled | signaled | scrubbing,
  global: restartable | inProgress | local,
};

/** The program read memory that is broken. */
export function brokenMemory(address: bigint): MachineCheck {
  return {
    status:
      reported | uncorrected | enabled | miscValid | addressValid | signaled | actionRequired | dataLoad,
    global: restartable | atInstruction | inProgress | local,
    address,
  };
}

/** Whatever was executed cannot go on; the rest of the machine can. */
export const notRestartable: MachineCheck = { ...ignorable, global: atInstruction | inProgress | local };

/** Nothing can go on. */
export const fatal: MachineCheck = { ...ignorable, status: ignorable.status | contextCorrupt };

/**
 * Raises one on a CPU.
 *
 * @returns what QEMU has against it: one that nobody has to act on is refused while another is being handled; or ""
 * @throws QmpError when the machine has ended
 */
export function injectMachineCheck(machine: Machine, check: MachineCheck, cpu = 0): Promise<string> {
  const { status, global, address } = check;
  const words = [status, global, address ?? 0n, address === undefined ? 0n : pageOfMemory];
  return machine.monitor(`mce ${cpu} ${bank} ${words.map((word) => `0x${word.toString(16)}`).join(" ")}`);
}

/** Bank 0 is special on some processors. */
const bank = 1;

/**
 * Raises ignorable ones, each at a random instruction of one CPU after the other, from the start of the application
 * until the machine ends. The next one has to wait for the last one's handler: two at once reset a machine, and one that
 * comes before the handler has left its exception stack destroys that, on any Linux.
 *
 * @returns how many there were
 */
export async function injectMachineChecks(machine: Machine, kernel: SymbolTable): Promise<number> {
  let count = 0;
  if (!(await machine.started)) return count;
  try {
    const gdb = await machine.debug();
    const handler = addressOf(kernel, "do_machine_check");
    for (let turn = 0; ; turn++) {
      await runForAWhile(gdb);
      await injectMachineCheck(machine, ignorable, turn % machine.state.cpus);
      await gdb.runTo(handler);
      count += 1;
      await leaveHandler(gdb);
    }
  } catch (error) {
    if (error instanceof QmpError || error instanceof GdbError) return count;
    throw error;
  }
}

/** From the handler's first instruction until it is done, and has left its stack. */
async function leaveHandler(gdb: GdbClient): Promise<void> {
  const frame = await gdb.readRegister(gdbRegister.rdi);
  await gdb.runTo(await gdb.readWord(await gdb.readRegister(gdbRegister.rsp)));
  // Of a program it was called on the task's stack.
  if (frame >> entryAreaShift !== entryArea >> entryAreaShift) return;
  const stack = await gdb.readWord(frame + interruptedStack);
  // Step by step, as what it interrupted cannot be waited for. A breakpoint there may stop every interrupt's handler, too,
  // say in the thunk that functions return through; the guest then gets a timer interrupt for every few stops.
  while ((await gdb.readRegister(gdbRegister.rsp)) !== stack) await gdb.step();
}

/** Where `struct pt_regs` has `sp`. */
const interruptedStack = 152n;

/** Where exception stacks are: CPU_ENTRY_AREA_BASE, with a page-table entry of the highest level for itself. */
const entryArea = 0xfffffe0000000000n;
const entryAreaShift = 39n;

/** At most; how far that is in the guest is up to the host. */
const whileMs = 100;

async function runForAWhile(gdb: GdbClient): Promise<void> {
  const timer = setTimeout(() => gdb.interrupt(), Math.random() * whileMs);
  await gdb.resume();
  clearTimeout(timer);
}
