// SPDX-License-Identifier: Apache-2.0
/** nginx with one worker process: pages over HTTP, on connections that are kept, and on a new one each time. */

import { readFile } from "node:fs/promises";
import { packagePath } from "../host/package-path.js";
import type { GuestFile } from "../image/initramfs.js";
import { type Application, applicationSuite } from "./application.js";

const configuration = "/etc/nginx/bench.conf";

export const nginx: Application = {
  name: "nginx",
  args: ["-c", configuration],
  files: async () => [
    await loadConfiguration(),
    // As userland/bench/nginx.c expects them.
    makePage("/srv/www/small", 1024),
    makePage("/srv/www/large", 16384),
  ],
  distribution: {
    ...{ package: "nginx", path: "/usr/sbin/nginx" },
    directories: ["/var/lib/nginx", "/var/log/nginx"],
  },
  requests: {
    small: "page of 1 KiB",
    large: "page of 16 KiB",
    missing: "page that is not there",
    connect: "page of 1 KiB on a new connection",
  },
  loads: { c1: "1 connection", c16: "16 connections" },
  effects: [
    // A thousand NOPs of the client are none of the server's instructions. What may be off is less than could be claimed.
    { operation: "small_nops_c1_all", reference: "small_c1_all", instructions: 1000, tolerance: 170 },
    { operation: "small_nops_c1", reference: "small_c1", instructions: 0, tolerance: 99 },
  ],
};

export const nginxSuite = applicationSuite(nginx);

async function loadConfiguration(): Promise<GuestFile> {
  const data = await readFile(packagePath("apps", "nginx", "bench.conf"));
  return { path: configuration, mode: 0o644, data };
}

function makePage(path: string, size: number): GuestFile {
  return { path, mode: 0o644, data: Buffer.alloc(size, "x") };
}
