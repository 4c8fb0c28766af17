// SPDX-License-Identifier: Apache-2.0
import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { connectGdb, GdbError, gdbRegister } from "./gdb-client.js";

/** The other end: answers packets from a table, in pieces of one byte, and records them. */
function createStub(answers: Readonly<Record<string, string>>) {
  const packets: string[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      for (const [, packet = ""] of chunk.toString("latin1").matchAll(/\$([^#]*)#[0-9a-f]{2}/g)) {
        packets.push(packet);
        const answer = answers[packet] ?? (packet.startsWith("qXfer") ? "l" : "OK");
        for (const byte of `+$${answer}#00`) stream.push(byte);
      }
      done();
    },
  });
  stream.push("$T02thread:01;#00");
  return { stream, packets };
}

test("reads and changes a stopped machine", async () => {
  const { stream, packets } = createStub({
    p10: "50246081ffffffff",
    p11: "46020000",
    "mffffffff81000000,8": "1122334455667788",
  });
  const gdb = await connectGdb(stream);
  expect(await gdb.readRegister(gdbRegister.rip)).toBe(0xffffffff81602450n);
  expect(await gdb.readRegister(gdbRegister.eflags)).toBe(0x246n);
  expect(await gdb.readWord(0xffffffff81000000n)).toBe(0x8877665544332211n);
  await gdb.writeRegister(gdbRegister.eflags, 0x346n);
  await gdb.setBreakpoint(0xffffffff81602450n);
  expect(packets.slice(-2)).toEqual(["P11=46030000", "Z1,ffffffff81602450,1"]);
});

test("says what was refused, and that the machine has ended", async () => {
  const { stream } = createStub({ "Z1,10,1": "E22", p10: "E14" });
  const gdb = await connectGdb(stream);
  await expect(gdb.setBreakpoint(16n)).rejects.toThrow('refused "Z1,10,1": E22');
  await expect(gdb.readRegister(gdbRegister.rip)).rejects.toThrow("cannot read a register: E14");
  stream.destroy();
  await expect(gdb.resume()).rejects.toThrow(GdbError);
});
