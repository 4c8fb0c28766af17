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
});
