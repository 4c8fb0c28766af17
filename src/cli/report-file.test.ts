// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from "node:child_process";
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDirectory, type TestDirectory } from "../../test/test-directory.js";
import { requireReportFile, writeReport } from "./report-file.js";

let directory: TestDirectory;
beforeEach(async () => {
  directory = await createTestDirectory();
  await writeFile(at("file"), "old");
  await mkdir(at("folder"));
});
afterEach(() => directory[Symbol.asyncDispose]());

const finish = promisify(execFile);

const at = (name: string): string => path.join(directory.path, name);

describe("a place for a report", () => {
  test.each(["new.html", "file"])("%s is one, and is left alone", async (name) => {
    await requireReportFile(at(name));
    expect(await readFile(at("file"), "utf8")).toBe("old");
    expect(await readdir(directory.path)).toEqual(["file", "folder"]);
  });

  test("a device is one, and none need not be", async () => {
    await requireReportFile("/dev/null");
    await requireReportFile(undefined);
  });

  test("a pipe is one, and its reader is not disturbed", async () => {
    await finish("mkfifo", [at("pipe")]);
    const reader = spawn("cat", [at("pipe")], { stdio: ["ignore", "pipe", "inherit"] });
    const read = reader.stdout.toArray();
    await requireReportFile(at("pipe"));
    await writeReport(at("pipe"), "whole");
    expect(Buffer.concat(await read).toString()).toBe("whole");
  });

  test.each([
    ["", "that is no name"],
    ["folder", "it is a directory"],
    ["folder/", "it is a directory"],
    ["missing/report.html", "does not exist"],
    ["file/report.html", "is no directory"],
  ])("%j is none", async (name, reason) => {
    const file = name === "" ? "" : `${directory.path}/${name}`;
    await expect(requireReportFile(file)).rejects.toMatchObject({
      code: "USAGE_INVALID",
      message: expect.stringMatching(new RegExp(`^Cannot write a report to "${file}": .*${reason}$`)),
    });
  });

  test("a directory where not even root may write is none", async () => {
    await expect(requireReportFile("/sys/report.html")).rejects.toThrow("it cannot be written");
  });
});

test("a report is written whole", async () => {
  await writeReport(at("file"), "new");
  expect(await readFile(at("file"), "utf8")).toBe("new");
});

test("a link stays one, and leads to the report", async () => {
  await symlink("file", at("link"));
  await requireReportFile(at("link"));
  await writeReport(at("link"), "new");
  expect(await readFile(at("file"), "utf8")).toBe("new");
  expect((await lstat(at("link"))).isSymbolicLink()).toBe(true);
});

test("a directory that has gone meanwhile is told", async () => {
  await expect(writeReport(at("missing/report.html"), "text")).rejects.toMatchObject({
    code: "USAGE_INVALID",
    hint: expect.stringContaining("--report"),
  });
});

test("a full disk is told", async () => {
  await expect(writeReport("/dev/full", "text")).rejects.toMatchObject({
    code: "HOST_NO_SPACE",
    message: "Cannot write the report: no space left on the device",
  });
});
