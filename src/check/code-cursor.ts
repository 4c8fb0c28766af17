// SPDX-License-Identifier: Apache-2.0
/** Reads the instructions of one section; and, where a rule needs to know how it came to one, those before it. */

import {
  Code,
  Decoder,
  DecoderOptions,
  Formatter,
  FormatterSyntax,
  Instruction,
  OpKind,
  Register,
} from "iced-x86";
import type { CodeRange, CodeSection } from "./code-ranges.js";

/** How far back a rule may look: enough for a system call's number and arguments. */
const historySize = 32;

/**
 * Holds memory outside of the JavaScript heap: end it with `using`.
 *
 * @example
 * using cursor = new CodeCursor(section);
 * for (cursor.enter(range); cursor.next(); ) if (cursor.code === Code.Syscall) …
 */
export class CodeCursor implements Disposable {
  readonly section: CodeSection;
  /** The instruction that `next` moved to; overwritten by the next one. */
  readonly instruction = new Instruction();
  /** Of that instruction, in the section. */
  offset = 0;
  code = Code.INVALID;
  length = 0;
  /** Instructions since the last `enter`. */
  count = 0;
  /** Whether all since then were valid and the last one ended where the range does. */
  clean = true;
  readonly #decoder: Decoder;
  readonly #other = new Instruction();
  readonly #history = new Int32Array(historySize);
  #end = 0;
  #position = 0;

  constructor(section: CodeSection) {
    this.section = section;
    this.#decoder = new Decoder(64, section.bytes, DecoderOptions.None);
  }

  /** Goes to the start of a range. */
  enter(range: CodeRange): void {
    this.#decoder.position = range.start;
    this.#position = range.start;
    this.#end = range.end;
    this.count = 0;
    this.clean = true;
  }

  /** Moves to the next instruction; false at the end of the range. */
  next(): boolean {
    if (this.#position >= this.#end) {
      if (this.#position !== this.#end) this.clean = false;
      return false;
    }
    this.offset = this.#position;
    this.#decoder.decodeOut(this.instruction);
    this.code = this.instruction.code;
    this.length = this.instruction.length;
    this.#history[this.count++ % historySize] = this.offset;
    this.#position += this.length;
    if (this.code === Code.INVALID) {
      this.clean = false;
      this.#position = this.offset + 1;
      this.#decoder.position = this.#position;
    }
    return true;
  }

  /** The instructions before the current one, the nearest first: each is valid until the next is asked for. */
  *before(): Generator<Instruction> {
    const count = Math.min(this.count - 1, historySize - 1);
    for (let back = 1; back <= count; back++)
      yield this.decodeAt(this.#history[(this.count - 1 - back) % historySize] ?? 0);
  }

  /** The instruction at an offset, in the words of the GNU assembler. */
  format(offset: number): string {
    const instruction = this.decodeAt(offset, this.section.address + BigInt(offset));
    const formatter = new Formatter(FormatterSyntax.Gas);
    formatter.uppercaseHex = false;
    try {
      return formatter.format(instruction);
    } finally {
      formatter.free();
    }
  }

  /** The instruction after the current one, valid until another is asked for. */
  after(): Instruction {
    return this.decodeAt(this.#position);
  }

  /** The instruction elsewhere, valid until the next is asked for; targets of its branches are offsets in the section. */
  decodeAt(offset: number, address = BigInt(offset)): Instruction {
    this.#decoder.position = offset;
    this.#decoder.ip = address;
    this.#decoder.decodeOut(this.#other);
    this.#decoder.position = this.#position;
    return this.#other;
  }

  [Symbol.dispose](): void {
    this.instruction.free();
    this.#other.free();
    this.#decoder.free();
  }
}

/** The constant that an instruction writes to a general register, undefined when it writes something else. */
export function constantOf(instruction: Instruction): number | undefined {
  const name = Code[instruction.code] ?? "";
  if (/^Xor_/.test(name) && instruction.op1Kind === OpKind.Register)
    return instruction.op0Register === instruction.op1Register ? 0 : undefined;
  return /^Mov_r(m)?(32|64)_imm/.test(name) ? Number(BigInt.asIntN(64, instruction.immediate(1))) : undefined;
}

/** 0 to 15 for a general register of any width (but for AH and its like), otherwise undefined. */
export function registerNumber(register: Register): number | undefined {
  if (register >= Register.AL && register <= Register.BL) return register - Register.AL;
  for (const first of [Register.AX, Register.EAX, Register.RAX])
    if (register >= first && register < first + 16) return register - first;
  return undefined;
}
