// SPDX-License-Identifier: Apache-2.0
/** A server with a makefile, as a user would describe it. */

import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { defineApp } from "ukl";

export default defineApp({
  name: "kv",
  build: { system: "make" },
  program: "kv-server",
  args: ["7000", "/etc/kv/greeting"],
  files: { "/etc/kv": "etc" },
  ports: [7000],
  memory: "64M",
  test: async (vm) => {
    await vm.waitForOutput("listening on port 7000");
    const client = connect(vm.port(7000), "127.0.0.1").end("set a 1\nget a\nget b\n");
    const answer = await text(client);
    if (answer !== "hello from kv\nok\n1\nnothing\n")
      throw new Error(`it answered ${JSON.stringify(answer)}`);
  },
});
