// SPDX-License-Identifier: Apache-2.0
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { defineApp } from "../../src/config/define-app.js";

export default defineApp({
  name: "echo",
  summary: "TCP echo server: sends back what it receives",
  license: "Apache-2.0",
  build: { system: "c", files: ["echo.c"] },
  ports: [5000],
  memory: "64M",
  test: async (vm) => {
    const sent = "what was sent\n".repeat(1000);
    const received = await text(connect(vm.port(5000), "127.0.0.1").end(sent));
    if (received !== sent) throw new Error(`${received.length} of ${sent.length} bytes came back`);
  },
});
