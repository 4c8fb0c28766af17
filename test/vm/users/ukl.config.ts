// SPDX-License-Identifier: Apache-2.0
/** A program that is not root, with a shell, and with what has to be done before it starts. */

import { defineApp } from "ukl";

export default defineApp({
  name: "who",
  build: { system: "c", files: ["who.c"] },
  user: "worker",
  shell: true,
  setup: [
    { command: ["/bin/sh", "-c", "echo made by $(id -u) >> /data/log"], unless: "/data/log" },
    { command: ["/bin/sh", "-c", "echo every time >> /data/log"] },
  ],
  volumes: ["/data"],
  memory: "64M",
});
