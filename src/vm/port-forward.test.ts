// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { checkPorts } from "./check-ports.js";
import { parsePortForward } from "./port-forward.js";

describe("parsePortForward", () => {
  const local = { hostAddress: "127.0.0.1", protocol: "tcp" };
  test.each([
    ["6379", { ...local, guestPort: 6379, hostPort: 6379 }],
    ["6379:16379", { ...local, guestPort: 6379, hostPort: 16379 }],
    ["80:0.0.0.0:8080", { ...local, guestPort: 80, hostPort: 8080, hostAddress: "0.0.0.0" }],
    ["53:5353/udp", { ...local, guestPort: 53, hostPort: 5353, protocol: "udp" }],
  ])("%s", (text, forward) => expect(parsePortForward(text)).toEqual(forward));

  test.each(["", "http", "0", "70000", "80:", "80:0", "1:2:3", "80/sctp"])("refuses %j", (text) => {
    expect(() => parsePortForward(text)).toThrow(`Cannot forward "${text}"`);
  });
});

describe("checkPorts", () => {
  const noMachines = "/no/machines";

  test("a free port is free, and still so afterwards; a used one names its user", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const forward = parsePortForward(`80:${(server.address() as AddressInfo).port}`);
    await expect(checkPorts([forward], noMachines)).rejects.toMatchObject({
      code: "VM_PORT_IN_USE",
      message: expect.stringMatching(new RegExp(`: it is in use by .* \\(process ${process.pid}\\)$`)),
    });
    server.close();
    await once(server, "close");
    await checkPorts([forward], noMachines);
    await checkPorts([forward, { ...forward, protocol: "udp" }], noMachines);
  });

  test("an address of somebody else is said to be one", async () => {
    const forward = parsePortForward("80:192.0.2.1:8080");
    await expect(checkPorts([forward], noMachines)).rejects.toThrow("does not have the address 192.0.2.1");
  });
});
