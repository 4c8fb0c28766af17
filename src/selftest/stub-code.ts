// SPDX-License-Identifier: Apache-2.0
/** The kernel's entry and exit stubs, instruction by instruction, as they are in the memory of a machine that runs. */

import { Decoder, DecoderOptions, FlowControl, Formatter, FormatterSyntax, type Instruction } from "iced-x86";
import type { GdbClient } from "../vm/gdb-client.js";
import type { SuiteLevel } from "./suite-level.js";
import { addressOf, type SymbolTable } from "./symbol-table.js";

export interface StubInstruction {
  /** The assembler function that it is in. */
  readonly stub: string;
  readonly address: bigint;
  /** "ukl_syscall+0x1: cli". */
  readonly name: string;
  /** What it is for, of the parts of a gate's handler that not every machine comes to. */
  readonly part: StubPart | undefined;
}

/**
 * - `from-kernel`: finds the place of a frame that came from kernel mode
 * - `no-place`: gives up, as there is none
 * - `text-patching`: leaves room for a call that int3 stands for
 */
export type StubPart = "from-kernel" | "no-place" | "text-patching";

/** Stubs that no gate leads to. With `through`, only up to the jump there, or to the return. */
const otherStubs: readonly { readonly name: string; readonly through?: string }[] = [
  // What follows is for ring 3, and stock code.
  { name: "entry_SYSCALL_64", through: "swapgs_restore_regs_and_return_to_usermode" },
  { name: "swapgs_restore_regs_and_return_to_usermode", through: "restore_regs_and_return_to_kernel" },
  { name: "restore_regs_and_return_to_kernel", through: "iret" },
  { name: "asm_common_interrupt" },
];

/** What the program calls, and where that jumps to, of the levels that do not call `ukl_syscall`. */
const callEntries: Readonly<Partial<Record<SuiteLevel, readonly string[]>>> = {
  bypass: ["ukl_fast_syscall", "ukl_full_call", "ukl_no_such_call"],
  shortcut: ["ukl_shortcut_syscall", "ukl_full_call", "ukl_no_such_call"],
};

/**
 * The names of all stubs that a program of the level can come to: the handlers of the gates that the interrupt descriptor
 * table has, and those without one.
 */
export async function listStubs(gdb: GdbClient, symbols: SymbolTable, level: SuiteLevel): Promise<string[]> {
  const gates = await readGates(gdb, symbols);
  const handlers = [...symbols].filter(([name, { value }]) => name.startsWith("asm_") && gates.has(value));
  return [
    ...(callEntries[level] ?? ["ukl_syscall"]),
    ...otherStubs.map(({ name }) => name),
    ...handlers.map(([name]) => name),
  ];
}

/**
 * The instructions of a stub that something leads to. They are read from memory because the kernel patches its code at
 * boot: what that jumps over, and what is there for processors that guess, is left out.
 */
export async function readStub(
  gdb: GdbClient,
  symbols: SymbolTable,
  stub: string,
): Promise<StubInstruction[]> {
  const start = addressOf(symbols, stub);
  const through = otherStubs.find(({ name }) => name === stub)?.through;
  const size = Number(symbols.get(stub)?.sizeBytes ?? 0n) || openEndBytes;
  const all = decode(await gdb.readMemory(start, size), start);
  const end = through === undefined ? undefined : (symbols.get(through)?.value ?? through);
  const last =
    end === undefined ? -1 : all.findIndex((one) => one.target === end || one.text.startsWith(String(end)));
  const code = last < 0 ? all : all.slice(0, last + 1);
  const reachable = findReachable(code);
  const partOf = findParts(code, symbols);
  return code
    .filter(({ address }) => reachable.has(address))
    .map(({ address, text }) => ({
      ...{ stub, address },
      name: `${stub}+0x${(address - start).toString(16)}: ${text}`,
      part: partOf(address),
    }));
}

/** The addresses that the gates on our exception stack, and on those of #DB and #MC, lead to. */
async function readGates(gdb: GdbClient, symbols: SymbolTable): Promise<ReadonlySet<bigint>> {
  const table = await gdb.readMemory(addressOf(symbols, "idt_table"), gateCount * gateBytes);
  const addresses = new Set<bigint>();
  for (let at = 0; at < table.length; at += gateBytes) {
    if (!walkedStacks.has(table.readUInt8(at + 4) & 7)) continue;
    const high = BigInt(table.readUInt32LE(at + 8)) << 32n;
    addresses.add(high | (BigInt(table.readUInt16LE(at + 6)) << 16n) | BigInt(table.readUInt16LE(at)));
  }
  return addresses;
}

const gateCount = 256;
const gateBytes = 16;
/** As gates number them: IST_INDEX_DB, IST_INDEX_MCE and IST_INDEX_UKL, plus one. */
const walkedStacks: ReadonlySet<number> = new Set([3, 4, 6]);
/** Enough for what comes behind a label without a size. */
const openEndBytes = 64;

interface Decoded {
  readonly address: bigint;
  readonly text: string;
  readonly flow: FlowControl;
  /** Where a jump leads. */
  readonly target: bigint | undefined;
  readonly next: bigint;
}

function decode(bytes: Uint8Array, start: bigint): Decoded[] {
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  const formatter = new Formatter(FormatterSyntax.Gas);
  decoder.ip = start;
  const code: Decoded[] = [];
  while (decoder.canDecode) {
    const instruction = decoder.decode();
    code.push(describe(instruction, formatter.format(instruction)));
    instruction.free();
  }
  formatter.free();
  decoder.free();
  return code;
}

function describe(instruction: Instruction, text: string): Decoded {
  const { ip: address, nextIP: next, flowControl: flow } = instruction;
  const jumps = flow === FlowControl.ConditionalBranch || flow === FlowControl.UnconditionalBranch;
  return { address, text, flow, next, target: jumps ? instruction.nearBranchTarget : undefined };
}

const endsFlow: ReadonlySet<FlowControl> = new Set([
  FlowControl.UnconditionalBranch,
  FlowControl.IndirectBranch,
  FlowControl.Return,
  FlowControl.Interrupt,
  FlowControl.Exception,
]);

function findReachable(code: readonly Decoded[]): ReadonlySet<bigint> {
  const byAddress = new Map(code.map((one) => [one.address, one]));
  const reachable = new Set<bigint>();
  const pending = code.slice(0, 1).map(({ address }) => address);
  for (let address = pending.pop(); address !== undefined; address = pending.pop()) {
    const one = byAddress.get(address);
    if (one === undefined || reachable.has(address)) continue;
    reachable.add(address);
    if (one.target !== undefined) pending.push(one.target);
    if (!endsFlow.has(one.flow)) pending.push(one.next);
  }
  return reachable;
}

/** Recognises the parts of UKL_LEAVE_IST by its jumps: on the sign of the stack pointer, and to the double fault. */
function findParts(
  code: readonly Decoded[],
  symbols: SymbolTable,
): (address: bigint) => StubPart | undefined {
  const doubleFault = symbols.get("asm_exc_double_fault")?.value;
  const giveUp = code.findIndex(({ target }) => target === doubleFault);
  const fromKernel = code.find(({ text }) => text.startsWith("js "))?.target;
  return (address) => {
    const index = code.findIndex((one) => one.address === address);
    if (giveUp >= 0 && index <= giveUp && index > giveUp - giveUpLength) return "no-place";
    if (giveUp >= 0 && fromKernel !== undefined && address >= fromKernel && index < giveUp)
      return "from-kernel";
    return code[index]?.text.startsWith("pushq 0x28(%rsp)") === true ? "text-patching" : undefined;
  };
}

/** Two registers are restored before the jump. */
const giveUpLength = 3;
