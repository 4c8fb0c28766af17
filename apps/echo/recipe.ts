// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";

export default defineApp({
  name: "echo",
  summary: "TCP echo server: sends back what it receives",
  license: "Apache-2.0",
  build: { system: "c", files: ["echo.c"] },
  ports: [5000],
  memory: "64M",
});
