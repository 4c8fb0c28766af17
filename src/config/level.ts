// SPDX-License-Identifier: Apache-2.0
/** The levels: how much of the boundary between application and kernel is left. */

/**
 * - `linux`: the stock kernel, the program as an ordinary process in ring 3
 * - `compat`: an unmodified program in ring 0; its system calls remain instructions
 * - `base`: a program built by our toolchain in ring 0; its system calls are function calls
 * - `bypass`: as `base`, but a system call does the work of kernel entry and exit only when some is due
 * - `shortcut`: as `bypass`, but calls on a TCP connection, and waiting for events, go past the layers that they need not
 */
export const levels = ["linux", "compat", "base", "bypass", "shortcut"] as const;

export type Level = (typeof levels)[number];
