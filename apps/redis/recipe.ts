// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";

export default defineApp({
  name: "redis",
  summary: "Redis 7.0: key-value store, from Debian's source package, unmodified",
  license: "BSD-3-Clause",
  source: { kind: "debian-source", package: "redis", version: "7.0.15" },
  build: {
    system: "make",
    directory: "src",
    targets: ["redis-server"],
    variables: { MALLOC: "libc", BUILD_TLS: "no", USE_SYSTEMD: "no" },
  },
  program: "src/redis-server",
  args: ["/etc/redis/redis.conf", "--dir", "/data"],
  files: { "/etc/redis/redis.conf": "redis.conf" },
  ports: [6379],
  memory: "256M",
  volumes: ["/data"],
  clients: ["redis-cli"],
  test: async (vm) => {
    const port = ["-p", String(vm.port(6379))];
    const cli = (...command: readonly string[]): Promise<string> =>
      vm.runClient("redis-cli", [...port, ...command]);
    await cli("set", "greeting", "hello");
    const answer = await cli("get", "greeting");
    if (answer !== "hello\n") throw new Error(`it answered ${JSON.stringify(answer)}`);
    const benchmark = ["-q", "-n", "1000", "-c", "10", "-t", "set,get,lpush"];
    const report = await vm.runClient("redis-benchmark", [...port, ...benchmark]);
    for (const command of ["SET", "GET", "LPUSH"])
      if (!new RegExp(`${command}: [\\d.]+ requests per second`).test(report))
        throw new Error(`redis-benchmark says nothing of ${command}: ${report}`);
  },
});
