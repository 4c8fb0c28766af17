// SPDX-License-Identifier: Apache-2.0
/** What an editor knows of the modules of the guest: that it is right, and that it is enough. */

import { spawnSync } from "node:child_process";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test, vi } from "vitest";
import { packagePath } from "../../src/host/package-path.js";
import { createTestDirectory } from "../test-directory.js";

// Three compilers, one after the other, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** What tsc says of the project in a directory. */
function checkTypes(directory: string): { status: number | null; stdout: string } {
  const tsc = packagePath("node_modules", ".bin", "tsc");
  const { status, stdout } = spawnSync(tsc, ["--project", directory, "--pretty", "false"], {
    encoding: "utf8",
  });
  return { status, stdout };
}

test("the modules are what ukl.d.ts says of them", () => {
  expect(checkTypes(packagePath("userland", "typescript"))).toEqual({ status: 0, stdout: "" });
});

test("the example has no error", () => {
  expect(checkTypes(packagePath("apps", "tasks"))).toEqual({ status: 0, stdout: "" });
});

test("a project that has the package gets the types by its name, and is told its mistakes", async () => {
  await using directory = await createTestDirectory();
  await mkdir(path.join(directory.path, "node_modules"));
  await symlink(packagePath(), path.join(directory.path, "node_modules", "ukl"));
  const compilerOptions = {
    ...{
      target: "es2023",
      lib: ["es2023", "esnext.disposable"],
      module: "esnext",
      moduleResolution: "bundler",
    },
    ...{ strict: true, noEmit: true, types: ["ukl/guest"] },
  };
  await writeFile(path.join(directory.path, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  await cp(packagePath("apps", "tasks", "server.ts"), path.join(directory.path, "server.ts"));
  await cp(packagePath("apps", "tasks", "task-store.ts"), path.join(directory.path, "task-store.ts"));
  expect(checkTypes(directory.path)).toEqual({ status: 0, stdout: "" });
  await writeFile(
    path.join(directory.path, "wrong.ts"),
    `import { serve } from "ukl:http";
import { connect } from "ukl:net";
serve({ port: "8080" }, () => ({ status: 200 }));
serve({ port: 8080 }, () => ({ status: "fine" }));
(await connect({ port: 1 })).write(3);
console.log(process.argv, Buffer.from(""), document);
`,
  );
  const { stdout } = checkTypes(directory.path);
  expect([...stdout.matchAll(/\bwrong\.ts\((\d+),\d+\): error/g)].map(([, line]) => line)).toEqual([
    "3",
    "4",
    "5",
    "6",
    "6",
    "6",
  ]);
});
