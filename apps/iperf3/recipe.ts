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
  args: ["--server"],
  ports: [5201],
  udpPorts: [5201],
  memory: "128M",
  clients: ["iperf3"],
  test: async (vm) => {
    const to = ["--client", "127.0.0.1", "--port", String(vm.port(5201)), "--json"];
    // Two connections together, then the other way round.
    for (const way of [["--parallel", "2"], ["--reverse"]]) {
      const printed = await vm.runClient("iperf3", [...to, ...way, "--bytes", "16M"]);
      // As the side counted that received it.
      const { bytes } = JSON.parse(printed).end.sum_received;
      if (!(bytes >= 16 * 2 ** 20)) throw new Error(`only ${bytes} bytes arrived ${way.join(" ")}`);
    }
    await vm.waitForOutput(/\[SUM\].* receiver/);
  },
});
