// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";

export default defineApp({
  name: "memcached",
  summary: "memcached 1.6: cache in memory, from Debian's source package, unmodified",
  license: "BSD-3-Clause",
  source: { kind: "debian-source", package: "memcached", version: "1.6.18" },
  build: {
    system: "configure",
    options: ["--disable-docs"],
    targets: ["memcached"],
    packages: ["libevent-dev"],
  },
  program: "memcached",
  // As root it wants to know whom to become instead.
  args: ["--user=nobody", "--listen=0.0.0.0"],
  ports: [11211],
  memory: "256M",
  clients: ["memcping"],
  test: async (vm) => {
    const port = String(vm.port(11211));
    // Every command of the ASCII protocol.
    const capable = await vm.runClient("memccapable", ["-h", "127.0.0.1", "-p", port, "-a"]);
    if (!capable.includes("All tests passed")) throw new Error(`memccapable says: ${capable}`);
    const load = ["--concurrency=8", "--execute-number=200", "--test=set"];
    await vm.runClient("memcslap", [`--servers=127.0.0.1:${port}`, ...load]);
    const statistics = await vm.runClient("memcstat", [`--servers=127.0.0.1:${port}`]);
    if (!/threads: 4/.test(statistics)) throw new Error(`memcstat says: ${statistics}`);
  },
});
