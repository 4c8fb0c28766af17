// SPDX-License-Identifier: Apache-2.0
/** With which constants a call is made, as far as the instructions before it tell. */

import { Code, FlowControl, type Instruction, OpKind } from "iced-x86";
import { constantOf, registerNumber } from "./code-cursor.js";

/** Undefined where it is no constant, or was computed further away. */
export interface CallArguments {
  /** RAX: the number of a system call. */
  readonly number: number | undefined;
  /** RDI and RSI. */
  readonly first: number | undefined;
  readonly second: number | undefined;
}

const registers = { rax: 0, rsi: 6, rdi: 7 } as const;

/** @param before the instructions before the call, the nearest first */
export function findArguments(before: Iterable<Instruction>): CallArguments {
  const written = new Map<number, number | undefined>();
  for (const instruction of before) {
    // Across a call or a jump nothing is known any more.
    if (![FlowControl.Next, FlowControl.ConditionalBranch].includes(instruction.flowControl)) break;
    const register = writtenRegister(instruction);
    if (register !== undefined && !written.has(register)) written.set(register, constantOf(instruction));
  }
  return {
    number: written.get(registers.rax),
    first: written.get(registers.rdi),
    second: written.get(registers.rsi),
  };
}

/** The general register that is the first operand, of whatever does more than look at it. */
function writtenRegister(instruction: Instruction): number | undefined {
  if (instruction.opCount === 0 || instruction.op0Kind !== OpKind.Register) return undefined;
  if (/^(Cmp|Test|Push|Bt)_/.test(Code[instruction.code] ?? "")) return undefined;
  return registerNumber(instruction.op0Register);
}
