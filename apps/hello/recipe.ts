// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";

export default defineApp({
  name: "hello",
  summary: "Says where it runs: privilege level, SMEP and SMAP, kernel, level",
  license: "Apache-2.0",
  build: { system: "c", files: ["hello.c"] },
  memory: "64M",
  test: async (vm) => {
    await vm.waitForOutput(/^level \w+$/m);
    const { status } = await vm.exited;
    if (status !== 0) throw new Error(`it ended with status ${status}`);
  },
});
