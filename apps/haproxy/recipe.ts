// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";

export default defineApp({
  name: "haproxy",
  summary: "HAProxy 2.6: load balancer with TLS, from Debian's source package, unmodified",
  license: "GPL-2.0-or-later AND LGPL-2.1-or-later",
  source: { kind: "debian-source", package: "haproxy", version: "2.6.12" },
  build: {
    system: "make",
    targets: ["haproxy"],
    variables: {
      TARGET: "linux-glibc",
      ...{ USE_OPENSSL: "1", USE_PCRE2: "1", USE_STATIC_PCRE2: "1", USE_SLZ: "1" },
      // There is no dlopen in a static program, and nobody to look at its backtraces.
      ...{ USE_DL: "", USE_BACKTRACE: "", IGNOREGIT: "true" },
    },
    packages: ["libssl-dev", "libpcre2-dev"],
  },
  program: "haproxy",
  args: ["-W", "-db", "-f", "/etc/haproxy/haproxy.cfg"],
  files: { "/etc/haproxy/haproxy.cfg": "haproxy.cfg" },
  certificates: { "/etc/haproxy/tls": "localhost" },
  ports: [8000, 8444],
  memory: "192M",
  clients: ["curl"],
  test: async (vm) => {
    const [http, https] = [`http://127.0.0.1:${vm.port(8000)}`, `https://127.0.0.1:${vm.port(8444)}`];
    const curl = (...args: readonly string[]): Promise<string> =>
      vm.runClient("curl", ["-sS", "--fail", ...args]);

    // Each request is the other server's turn.
    const answers = (await curl(...Array.from({ length: 6 }, () => `${http}/`))).trim().split("\n");
    const counts = ["one", "two"].map((name) => answers.filter((answer) => answer === name).length);
    if (counts.join() !== "3,3") throw new Error(`it answered ${answers.join(", ")}`);
    const secure = await curl("--insecure", "--http2", "--write-out", "%{http_version}", `${https}/`);
    if (!/^(one|two)\n2$/.test(secure)) throw new Error(`it answered ${JSON.stringify(secure)} with TLS`);
  },
});
