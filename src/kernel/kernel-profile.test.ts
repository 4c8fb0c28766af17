// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { placeProfile, profileFlags } from "./kernel-profile.js";

const program = `#include <stdlib.h>
int main(int count, char **words) { return count > 1 ? atoi(words[1]) : 0; }
`;

test("gcc finds the counts of a build in another place, by the object's path in it", async () => {
  await using directory = await createTestDirectory();
  const [counting, profile, around] = ["counting", "profile", "around"].map((name) =>
    path.join(directory.path, name),
  ) as [string, string, string];
  for (const place of [counting, path.join(around, "build")])
    await mkdir(path.join(place, "kernel"), { recursive: true });
  await writeFile(path.join(directory.path, "fork.c"), program);
  const gcc = (cwd: string, ...args: readonly string[]) =>
    spawnSync("gcc", ["-O2", ...args], { cwd, encoding: "utf8" });
  const source = path.join("..", "fork.c");
  gcc(counting, "-fprofile-arcs", "-c", source, "-o", "kernel/fork.o");
  gcc(counting, "--coverage", "kernel/fork.o", "-o", "fork");
  execFileSync(path.join(counting, "fork"), ["0"], { cwd: counting });
  await mkdir(profile);
  execFileSync("cp", ["-r", path.join(counting, "kernel"), profile]);

  const output = path.join(around, "build");
  const use = () =>
    gcc(
      output,
      ...profileFlags,
      "-Wmissing-profile",
      "-c",
      path.join("..", "..", "fork.c"),
      "-o",
      "kernel/fork.o",
    );
  expect(use()).toMatchObject({
    status: 0,
    stderr: expect.stringContaining("profile count data file not found"),
  });
  await placeProfile({ path: profile, key: "0" }, around, output);
  expect(use()).toMatchObject({ status: 0, stderr: "" });
});
