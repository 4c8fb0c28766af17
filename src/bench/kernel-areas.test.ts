// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { findArea, parseFunctions } from "./kernel-areas.js";

test.each([
  ["net/ipv4/tcp.o", "TCP and IP"],
  ["net/socket.o", "sockets"],
  ["fs/eventpoll.o", "epoll"],
  ["fs/read_write.o", "files and disks"],
  ["arch/x86/ukl/syscall.o", "entry and exit"],
  ["arch/x86/ukl/shortcut.o", "sockets"],
  ["arch/x86/lib/copy_user_64.o", "copying and strings"],
  ["drivers/acpi/bus.o", "other"],
])("%s is %s", (object, area) => {
  expect(findArea(object)).toBe(area);
});

test("code alone is taken from a System.map, once for each address", () => {
  const map = `0000000000000000 D __per_cpu_start
ffffffff81000000 T _stext
ffffffff81000000 T _text
ffffffff81000010 t helper
ffffffff81000020 W weak
ffffffff82000000 D table
`;
  expect(parseFunctions(map)).toEqual([
    { address: 0xffffffff81000000n, name: "_stext" },
    { address: 0xffffffff81000010n, name: "helper" },
    { address: 0xffffffff81000020n, name: "weak" },
  ]);
});
