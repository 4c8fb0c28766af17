// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";

interface Task {
  readonly id: number;
  readonly title: string;
  readonly done: boolean;
}

export default defineApp({
  name: "tasks",
  summary: "A list of tasks over HTTP with JSON, written in TypeScript",
  license: "Apache-2.0",
  build: { system: "typescript" },
  program: "server.ts",
  ports: [8080],
  volumes: ["/data"],
  memory: "64M",
  clients: ["curl"],
  test: async (vm) => {
    const base = `http://127.0.0.1:${vm.port(8080)}/tasks`;
    const curl = (...args: readonly string[]): Promise<string> => vm.runClient("curl", ["-sS", ...args]);
    const expectAnswer = (answer: unknown, expected: unknown): void => {
      const [got, wanted] = [JSON.stringify(answer), JSON.stringify(expected)];
      if (got !== wanted) throw new Error(`it answered ${got}, not ${wanted}`);
    };
    const status = ["--output", "/dev/null", "--write-out", "%{http_code}"];

    const made = JSON.parse(await curl("--json", '{"title":"buy milk"}', base)) as Task;
    expectAnswer(made, { id: 1, title: "buy milk", done: false });
    await curl("--json", '{"title":"sell the cow"}', base);
    const changed = await curl("-X", "PATCH", "--json", '{"done":true}', `${base}/1`);
    expectAnswer(JSON.parse(changed), { ...made, done: true });
    expectAnswer(JSON.parse(await curl(`${base}?done=false`)), [
      { id: 2, title: "sell the cow", done: false },
    ]);
    expectAnswer(await curl(...status, "--json", "{", base), "400");
    expectAnswer(await curl(...status, "--json", '{"title":7}', base), "422");
    expectAnswer(await curl(...status, `${base}/7`), "404");
    expectAnswer(await curl(...status, "-X", "DELETE", `${base}/2`), "204");

    // Fifty at once, over connections that stay open.
    await curl("--parallel", "--fail", "--output", "/dev/null", `${base}?round=[1-50]`);
    await vm.kill("SIGTERM");
    const { status: ended } = await vm.exited;
    if (ended !== 0 || !vm.output.endsWith("tasks: ended\n"))
      throw new Error(`it ended with status ${ended}`);
  },
});
