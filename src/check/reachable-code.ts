// SPDX-License-Identifier: Apache-2.0
/** Tells code from data between it, where reading one instruction after the other came upon what is none. */

import { Code, FlowControl, OpKind } from "iced-x86";
import type { CodeCursor } from "./code-cursor.js";
import type { CodeRange } from "./code-ranges.js";

export interface ReachableCode {
  /** The offsets of the instructions. */
  readonly offsets: ReadonlySet<number>;
  /** Control comes upon what is no instruction: it started in data. */
  readonly broken: boolean;
}

/** Follows control from the start of a range, but not through tables of jumps. */
export function findReachable(cursor: CodeCursor, range: CodeRange): ReachableCode {
  const seen = new Set<number>();
  let broken = false;
  const open = [range.start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at) || at < range.start || at >= range.end) continue;
    const instruction = cursor.decodeAt(at);
    if (instruction.code === Code.INVALID) {
      broken = true;
      continue;
    }
    seen.add(at);
    const { flowControl, length, op0Kind } = instruction;
    if (branches.has(flowControl) && op0Kind === OpKind.NearBranch64)
      open.push(Number(instruction.nearBranchTarget));
    if (!ends.has(flowControl)) open.push(at + length);
  }
  return { offsets: seen, broken };
}

const branches: ReadonlySet<FlowControl> = new Set([
  FlowControl.UnconditionalBranch,
  FlowControl.ConditionalBranch,
]);

const ends: ReadonlySet<FlowControl> = new Set([
  FlowControl.UnconditionalBranch,
  FlowControl.IndirectBranch,
  FlowControl.Return,
  FlowControl.Exception,
]);
