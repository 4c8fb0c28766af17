// SPDX-License-Identifier: Apache-2.0
import { connect } from "node:net";
import { text } from "node:stream/consumers";
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
  test: async (vm) => {
    const client = connect(vm.port(6379), "127.0.0.1").end("SET greeting hello\r\nGET greeting\r\nQUIT\r\n");
    const answer = await text(client);
    if (answer !== "+OK\r\n$5\r\nhello\r\n+OK\r\n") throw new Error(`it answered ${JSON.stringify(answer)}`);
  },
});
