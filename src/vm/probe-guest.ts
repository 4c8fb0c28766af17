// SPDX-License-Identifier: Apache-2.0
/** The machine code of probe-guest.S, as a boot sector, so that the probe needs no assembler. */

/** What the guest ends QEMU with: isa-debug-exit makes 2n+1 of the 0x2a that it writes. */
export const probeExitCode = 0x2a * 2 + 1;

/** The 512 bytes of a bootable disk. */
export function buildProbeDisk(): Uint8Array {
  const sector = new Uint8Array(512);
  sector.set(Buffer.from(code.join(""), "hex"));
  sector.set([0x55, 0xaa], 510);
  return sector;
}

const code = [
  "fa6631c08ed88ec08ed0bc007cfcbf0010b9000c66f3abc70600100320c70600200330c7060030830066b8200000000f",
  "22e066b8001000000f22d866b9800000c00f320d00010f30660f0116807c0f20c0660d010000800f22c066ea627c0000",
  "0800b82a000000e7f4f4660f1f440000000000000000000000000000009a20000f00707c",
];
