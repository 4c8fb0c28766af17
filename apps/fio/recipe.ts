// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";

export default defineApp({
  name: "fio",
  summary: "fio 3.33: I/O benchmark, from Debian's source package, unmodified",
  license: "GPL-2.0-only",
  source: { kind: "debian-source", package: "fio", version: "3.33" },
  build: {
    system: "configure",
    options: ["--disable-native", "--disable-numa", "--disable-rdma", "--disable-rados", "--disable-rbd"],
    targets: ["fio"],
    packages: ["zlib1g-dev", "libaio-dev"],
  },
  program: "fio",
  defaultArgs: ["/etc/fio/verify.fio"],
  files: { "/etc/fio/verify.fio": "verify.fio" },
  volumes: ["/data"],
  memory: "256M",
  test: async (vm) => {
    const { status } = await vm.exited;
    if (status !== 0) throw new Error(`it ended with status ${status}`);
    for (const job of ["write", "map", "asynchronous", "ring"])
      if (!new RegExp(`^${job}: \\(groupid=\\d+, jobs=1\\): err= 0:`, "m").test(vm.output))
        throw new Error(`it does not say that "${job}" had no error`);
  },
});
