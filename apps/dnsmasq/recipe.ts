// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";

export default defineApp({
  name: "dnsmasq",
  summary: "dnsmasq 2.90: DNS forwarder and cache, from Debian's source package, unmodified",
  license: "GPL-2.0-only OR GPL-3.0-only",
  source: { kind: "debian-source", package: "dnsmasq", version: "2.90" },
  build: { system: "make" },
  program: "src/dnsmasq",
  args: ["--keep-in-foreground", "--conf-file=/etc/dnsmasq.conf"],
  files: { "/etc/dnsmasq.conf": "dnsmasq.conf" },
  ports: [5300],
  udpPorts: [5300],
  memory: "64M",
  clients: ["dig"],
  test: async (vm) => {
    const dig = async (protocol: "tcp" | "udp", ...question: readonly string[]): Promise<string> => {
      const way = [protocol === "tcp" ? "+tcp" : "+notcp", "-p", String(vm.port(5300, protocol))];
      return vm.runClient("dig", ["@127.0.0.1", ...way, ...question]);
    };
    const expect = (answer: string, expected: string): void => {
      if (!answer.includes(expected)) throw new Error(`dig does not say "${expected}": ${answer}`);
    };
    expect(await dig("udp", "host.ukl.test"), "IN\tA\t192.0.2.1");
    expect(await dig("udp", "-x", "192.0.2.1"), "PTR\thost.ukl.test.");
    expect(await dig("udp", "nobody.ukl.test"), "status: NXDOMAIN");
    // A child of its own answers each connection.
    expect(await dig("tcp", "ukl.test", "TXT"), '"in ring 0"');
    expect(await dig("tcp", "+keepopen", "host.ukl.test", "ukl.test", "TXT"), '"in ring 0"');
  },
});
