// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";

export default defineApp({
  name: "iperf",
  summary: "iperf 2.1: measures how fast a network is, from Debian's source package, unmodified",
  license: "BSD-3-Clause",
  source: { kind: "debian-source", package: "iperf", version: "2.1.8+dfsg" },
  // Debian has taken a file out of the source, and out of what configure is made from.
  build: { system: "configure", autoreconf: true },
  program: "src/iperf",
  args: ["--server"],
  ports: [5001],
  memory: "128M",
  clients: ["iperf"],
  test: async (vm) => {
    const to = ["--client", "127.0.0.1", "--port", String(vm.port(5001))];
    // Two connections, a thread each; one line of values for each.
    const amount = ["--parallel", "2", "--num", "8M", "--reportstyle", "C"];
    const report = await vm.runClient("iperf", [...to, ...amount]);
    const sent = report.split("\n").filter((line) => line.split(",")[7] === String(8 * 2 ** 20));
    if (sent.length !== 2) throw new Error(`it took something else: ${report}`);
    await vm.waitForOutput(/\[SUM\].* 16\.0 MBytes/);
  },
});
