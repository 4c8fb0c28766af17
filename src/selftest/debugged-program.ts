// SPDX-License-Identifier: Apache-2.0
/**
 * The program ukl_walk.c under a debugger outside of its machine. It goes round in circles; at the end of each it comes
 * by its marker, where it has checked that nothing of its own has changed.
 */

import { type GdbClient, gdbRegister } from "../vm/gdb-client.js";
import type { Machine } from "../vm/machine.js";
import { addressOf, type SymbolTable } from "./symbol-table.js";

/** Has one CPU. Between the methods the machine is stopped. */
export class DebuggedProgram {
  readonly machine: Machine;
  readonly gdb: GdbClient;
  readonly kernel: SymbolTable;
  readonly #program: SymbolTable;
  readonly #marker: bigint;

  constructor(machine: Machine, gdb: GdbClient, symbols: { kernel: SymbolTable; program: SymbolTable }) {
    this.machine = machine;
    this.gdb = gdb;
    this.kernel = symbols.kernel;
    this.#program = symbols.program;
    this.#marker = this.address("walk_marker");
  }

  /** Where a symbol of the program is. */
  address(name: string): bigint {
    return addressOf(this.#program, name);
  }

  read(variable: string): Promise<bigint> {
    return this.gdb.readWord(this.address(variable));
  }

  write(variable: string, value: bigint): Promise<void> {
    return this.gdb.writeWord(this.address(variable), value);
  }

  /** To the marker, for the first time. */
  async start(): Promise<void> {
    await this.gdb.setBreakpoint(this.#marker);
    await this.gdb.resume();
  }

  /** From the marker on, to the next breakpoint. Its instruction is a NOP of one byte. */
  async leaveMarker(): Promise<void> {
    await this.gdb.writeRegister(gdbRegister.rip, this.#marker + 1n);
    await this.gdb.resume();
  }

  async isAt(address: bigint): Promise<boolean> {
    return (await this.gdb.readRegister(gdbRegister.rip)) === address;
  }

  /**
   * From the marker to an address, or past it to the marker again.
   *
   * @returns whether it came there
   */
  async reach(address: bigint): Promise<boolean> {
    await this.gdb.setBreakpoint(address);
    await this.leaveMarker();
    await this.gdb.clearBreakpoint(address);
    return this.isAt(address);
  }

  /** As `reach`, from wherever it is. */
  async resumeTo(address: bigint): Promise<boolean> {
    await this.gdb.runTo(address);
    return this.isAt(address);
  }

  /** From the marker to a function of the kernel's that the program calls in each round. */
  async leaveMarkerTo(symbol: string): Promise<void> {
    if (!(await this.reach(addressOf(this.kernel, symbol)))) throw new Error(`it did not come to ${symbol}`);
  }

  /** From wherever it is to a function of the kernel's. */
  async runTo(symbol: string): Promise<void> {
    if (!(await this.resumeTo(addressOf(this.kernel, symbol))))
      throw new Error(`it did not come to ${symbol}`);
  }

  /** From the marker to the end of the program. */
  async end(): Promise<void> {
    await this.write("walk_stop", 1n);
    await this.gdb.writeRegister(gdbRegister.rip, this.#marker + 1n);
    await this.gdb.detach();
  }
}
