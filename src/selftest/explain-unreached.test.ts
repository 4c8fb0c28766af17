// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { explainUnreached } from "./explain-unreached.js";
import type { StubInstruction } from "./stub-code.js";

function instruction(stub: string, part?: StubInstruction["part"]): StubInstruction {
  return { stub, address: 0n, name: `${stub}+0x0: nop`, part };
}

test("explains handlers and parts that a machine does not come to, and nothing else", () => {
  expect(explainUnreached(instruction("asm_exc_alignment_check"))).toContain("CPL 3");
  expect(explainUnreached(instruction("asm_exc_page_fault", "no-place"))).toContain("overflowed");
  expect(explainUnreached(instruction("asm_exc_divide_error", "from-kernel"))).toContain("the kernel itself");
  expect(explainUnreached(instruction("asm_exc_page_fault", "from-kernel"))).toBeUndefined();
  expect(explainUnreached(instruction("asm_exc_page_fault"))).toBeUndefined();
  expect(explainUnreached(instruction("ukl_syscall"))).toBeUndefined();
});
