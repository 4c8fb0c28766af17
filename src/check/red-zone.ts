// SPDX-License-Identifier: Apache-2.0
/**
 * The red zone: 128 bytes below RSP that a function which calls nothing may use. A system call that has become
 * a call overwrites the uppermost eight of them.
 */

import { Code, type Instruction, OpKind, Register } from "iced-x86";
import type { CodeCursor } from "./code-cursor.js";
import type { CodeRange } from "./code-ranges.js";

/** Whether a function keeps data where a call puts its return address. */
export function usesRedZone(cursor: CodeCursor, range: CodeRange): boolean {
  let hasFrame = false;
  let frameUsed = false;
  for (cursor.enter(range); cursor.next(); ) {
    const { instruction } = cursor;
    if (isFrameSetup(instruction)) hasFrame = true;
    else if (hasFrame && lowersStack(instruction)) return false;
    const base = accessedBase(instruction);
    if (base === Register.RSP) return true;
    if (base === Register.RBP && hasFrame) frameUsed = true;
  }
  return frameUsed;
}

/** mov %rsp, %rbp: from here RBP is where RSP is, until something is pushed or made room for. */
function isFrameSetup(instruction: Instruction): boolean {
  return (
    (instruction.code === Code.Mov_rm64_r64 || instruction.code === Code.Mov_r64_rm64) &&
    instruction.op0Register === Register.RBP &&
    instruction.op1Register === Register.RSP
  );
}

function lowersStack(instruction: Instruction): boolean {
  const name = Code[instruction.code] ?? "";
  return /^Push/.test(name) || (/^(Sub|And|Lea|Add)_/.test(name) && instruction.op0Register === Register.RSP);
}

/** The register that an access to the eight bytes below it goes through. */
function accessedBase(instruction: Instruction): Register {
  if (/^(Lea|Nop)_/.test(Code[instruction.code] ?? "")) return Register.None;
  const kinds = [instruction.op0Kind, instruction.op1Kind];
  if (!kinds.includes(OpKind.Memory) || instruction.memoryIndex !== Register.None) return Register.None;
  const displacement = BigInt.asIntN(64, instruction.memoryDisplacement);
  return displacement >= -8n && displacement < 0n ? instruction.memoryBase : Register.None;
}
