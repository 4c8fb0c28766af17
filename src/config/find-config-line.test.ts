// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { findConfigLine } from "./find-config-line.js";

const written = `// a "comment" with { brackets
import { defineApp } from "ukl";

const port = /["'{]/.test("x") ? 1 : 2;

/* export default { name: 1 } */
export default defineApp({
  name: "k{v", // }
  "env": {
    HOME: \`/root/\${"a"}\`,
    'TERM': "dumb",
  },
  args: [
    "--port", ["nested", 1],
    String(port),
  ],
  async test(vm) {
    if (/["}]/.test(vm.output)) throw new Error("}");
  },
  ports: [7000],
});
`;

test.each<[path: readonly PropertyKey[], line: number]>([
  [[], 7],
  [["name"], 8],
  [["env"], 9],
  [["env", "HOME"], 10],
  [["env", "TERM"], 11],
  [["args", 1], 14],
  [["args", 2], 15],
  [["test"], 17],
  [["ports", 0], 20],
  // What is not written down is where it should be.
  [["memory"], 7],
  [["env", "LANG"], 9],
  [["args", 7], 13],
])("%j is in line %i", (path, line) => {
  expect(findConfigLine(written, path)).toBe(line);
});

test("follows the name of a variable", () => {
  const text = 'const other = { name: 1 };\nconst app = {\n  name: "kv",\n};\nexport default app;\n';
  expect(findConfigLine(text, ["name"])).toBe(3);
});

test.each(["", "export default", "export default {", "{{{", '"', "`${"])("survives %j", (text) => {
  expect(findConfigLine(text, ["name", 0])).toBe(1);
});
