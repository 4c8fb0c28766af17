// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";

export default defineApp({
  name: "iperf3",
  summary: "iperf3 3.12: measures how fast a network is, Debian's libiperf with a main() of ours",
  license: "BSD-3-Clause",
  build: {
    system: "c",
    files: ["main.c"],
    libraries: ["iperf", "sctp", "crypto", "m"],
    packages: ["libiperf-dev", "libsctp-dev", "libssl-dev"],
  },
  // Its lines are to appear when it writes them.
  args: ["--server", "--forceflush"],
  ports: [5201],
  udpPorts: [5201],
  memory: "128M",
  clients: ["iperf3"],
  test: async (vm) => {
    /** How many bytes arrived on each connection, as the side counted that received them. */
    const measure = async (...options: readonly string[]): Promise<number[]> => {
      const to = ["--client", "127.0.0.1", "--port", String(vm.port(5201)), "--json"];
      const { end, error } = JSON.parse(await vm.runClient("iperf3", [...to, ...options]));
      if (error !== undefined) throw new Error(`iperf3 says: ${error}`);
      return end.streams.map(({ receiver }: { receiver: { bytes: number } }) => receiver.bytes);
    };
    // For a time, to the machine: at its end some of it is still under way.
    const sent = await measure("--parallel", "2", "--time", "3");
    if (sent.length !== 2 || sent.includes(0)) throw new Error(`it received ${sent.join(" and ")} bytes`);
    await vm.waitForOutput(/Server listening on 5201 \(test #2\)/);
    // An amount, from the machine: it ends when that has arrived.
    const [received = 0] = await measure("--reverse", "--bytes", "4M");
    if (received < 4 * 2 ** 20) throw new Error(`it sent ${received} bytes`);
  },
});
