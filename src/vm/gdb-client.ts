// SPDX-License-Identifier: Apache-2.0
/** Speaks the remote protocol of gdb with QEMU's stub: stops the machine, reads and changes it, lets it go on. */

import type { Duplex } from "node:stream";

/** A request that the stub refused, or a connection that ended before the answer. */
export class GdbError extends Error {
  override readonly name = "GdbError";
}

/** Numbers of the registers of qemu-system-x86_64; the first 16 have the order of instruction encodings. */
export const gdbRegister = {
  rax: 0,
  rdx: 2,
  rsi: 4,
  rdi: 5,
  rsp: 7,
  rip: 16,
  eflags: 17,
  gsBase: 25,
  cr2: 28,
} as const;

/** The registers that a function call may change. */
const callerSaved = [0, 1, 2, 4, 5, 7, 8, 9, 10, 11, 16, 17] as const;

interface Waiting {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: GdbError) => void;
}

/** Takes over a connection to the stub of a machine that runs, which stops it. */
export async function connectGdb(stream: Duplex): Promise<GdbClient> {
  const client = new GdbClient(stream);
  await client.stopped;
  await client.describe();
  return client;
}

/**
 * A debugger of a machine, which is stopped but during `resume`. Registers and addresses are those of the CPU that came
 * to the breakpoint.
 */
export class GdbClient {
  /** Resolves when connecting has stopped the machine. */
  readonly stopped: Promise<unknown>;

  readonly #stream: Duplex;
  #received = "";
  #waiting: Waiting | undefined;
  #open = true;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.stopped = this.#answer();
    stream.setEncoding("latin1");
    stream.on("data", (text: string) => this.#receive(text));
    // "close" follows.
    stream.on("error", () => {});
    stream.once("close", () => {
      this.#open = false;
      this.#waiting?.reject(new GdbError("The machine ended"));
    });
  }

  /** QEMU gives single registers only to those who have asked what registers there are. */
  async describe(): Promise<void> {
    await this.#request("qXfer:features:read:target.xml:0,400");
  }

  /** Lets the machine run; resolves when it has stopped at a breakpoint. */
  async resume(): Promise<void> {
    await this.#request("c");
  }

  /** Lets the machine run until a CPU comes to an address. */
  async runTo(address: bigint): Promise<void> {
    await this.setBreakpoint(address);
    await this.resume();
    await this.clearBreakpoint(address);
  }

  /** Executes one instruction, without interrupts. */
  async step(): Promise<void> {
    await this.#request("s");
  }

  /** Stops a machine that runs: what `resume` has promised then resolves. */
  interrupt(): void {
    this.#stream.write("\x03", "latin1");
  }

  async setBreakpoint(address: bigint): Promise<void> {
    await this.#expectOk(`Z1,${hex(address)},1`);
  }

  async clearBreakpoint(address: bigint): Promise<void> {
    await this.#expectOk(`z1,${hex(address)},1`);
  }

  async readRegister(register: number): Promise<bigint> {
    const bytes = parseBytes(await this.#request(`p${register.toString(16)}`), "a register");
    return bytes.length === 8 ? bytes.readBigUInt64LE() : BigInt(bytes.readUInt32LE());
  }

  async writeRegister(register: number, value: bigint): Promise<void> {
    const bytes = Buffer.alloc(register === gdbRegister.eflags ? 4 : 8);
    if (bytes.length === 8) bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
    else bytes.writeUInt32LE(Number(value));
    await this.#expectOk(`P${register.toString(16)}=${bytes.toString("hex")}`);
  }

  async readMemory(address: bigint, sizeBytes: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (let at = 0; at < sizeBytes; at += packetBytes) {
      const size = Math.min(packetBytes, sizeBytes - at);
      chunks.push(
        parseBytes(await this.#request(`m${hex(address + BigInt(at))},${size.toString(16)}`), "memory"),
      );
    }
    return Buffer.concat(chunks);
  }

  async readWord(address: bigint): Promise<bigint> {
    return (await this.readMemory(address, 8)).readBigUInt64LE();
  }

  async writeWord(address: bigint, value: bigint): Promise<void> {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    await this.#expectOk(`M${hex(address)},8:${bytes.toString("hex")}`);
  }

  /**
   * Has the stopped CPU call a function, on the stack that it is on, and come back to where it was.
   *
   * @returns what the function did
   */
  async call(address: bigint, args: readonly bigint[]): Promise<bigint> {
    const saved = new Map<number, bigint>();
    for (const register of callerSaved) saved.set(register, await this.readRegister(register));
    const [rip, rsp] = [saved.get(gdbRegister.rip) ?? 0n, saved.get(gdbRegister.rsp) ?? 0n];
    // Below a red zone, and aligned as a call finds the stack.
    const frame = ((rsp - 256n) & ~15n) - 8n;
    await this.writeWord(frame, rip);
    await this.writeRegister(gdbRegister.rsp, frame);
    for (const [index, value] of args.entries())
      await this.writeRegister(argumentRegisters[index] ?? 0, value);
    await this.writeRegister(gdbRegister.rip, address);
    await this.runTo(rip);
    const result = await this.readRegister(gdbRegister.rax);
    for (const [register, value] of saved) await this.writeRegister(register, value);
    return result;
  }

  /** Takes the breakpoints away and lets go of the machine, which runs on. */
  async detach(): Promise<void> {
    await this.#expectOk("D");
    this.#stream.destroy();
  }

  async #expectOk(request: string): Promise<void> {
    const answer = await this.#request(request);
    if (answer !== "OK")
      throw new GdbError(`The machine's debugger refused "${request}": ${answer || "unknown"}`);
  }

  #request(text: string): Promise<string> {
    if (this.#waiting !== undefined) throw new Error(`"${text}" before the answer to the last request`);
    const answer = this.#answer();
    this.#stream.write(`$${text}#${checksum(text)}`, "latin1");
    return answer;
  }

  #answer(): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#open) this.#waiting = { resolve, reject };
      else reject(new GdbError("The machine ended"));
    });
  }

  #receive(text: string): void {
    this.#received += text;
    for (;;) {
      const packet = /^[^$]*\$([^#]*)#../s.exec(this.#received);
      if (packet === null) return;
      this.#received = this.#received.slice(packet[0].length);
      this.#stream.write("+");
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting?.resolve(packet[1] ?? "");
    }
  }
}

const argumentRegisters = [gdbRegister.rdi, gdbRegister.rsi, gdbRegister.rdx] as const;

/** Well below what QEMU takes in one packet. */
const packetBytes = 1024;

function checksum(text: string): string {
  let sum = 0;
  for (const byte of Buffer.from(text, "latin1")) sum = (sum + byte) & 0xff;
  return sum.toString(16).padStart(2, "0");
}

function hex(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16);
}

function parseBytes(answer: string, what: string): Buffer {
  if (!/^([0-9a-f]{2})+$/i.test(answer))
    throw new GdbError(`The machine's debugger cannot read ${what}: ${answer || "unknown"}`);
  return Buffer.from(answer, "hex");
}
