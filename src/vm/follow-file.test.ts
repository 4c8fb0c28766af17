// SPDX-License-Identifier: Apache-2.0
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { followFile } from "./follow-file.js";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "ukl-follow-"));
  file = path.join(directory, "log");
  writeFileSync(file, "first\n");
});
afterEach(() => rmSync(directory, { recursive: true }));

const never = new AbortController().signal;

test("reads what is there", async () => {
  const chunks: Uint8Array[] = [];
  await followFile(file, { until: Promise.resolve(), signal: never, write: (chunk) => chunks.push(chunk) });
  expect(Buffer.concat(chunks).toString()).toBe("first\n");
});

test("reads what comes, up to the end", async () => {
  const chunks: Uint8Array[] = [];
  let end = (): void => {};
  const until = new Promise<void>((resolve) => {
    end = resolve;
  });
  const following = followFile(file, {
    until,
    signal: never,
    write: (chunk) => {
      chunks.push(chunk);
      if (chunks.length === 1) appendFileSync(file, "second\n");
      if (chunks.length === 2) {
        appendFileSync(file, "last\n");
        end();
      }
    },
  });
  await following;
  expect(Buffer.concat(chunks).toString()).toBe("first\nsecond\nlast\n");
});

test("ends with the reason of an abort", async () => {
  const controller = new AbortController();
  const following = followFile(file, {
    until: new Promise(() => {}),
    signal: controller.signal,
    write: () => controller.abort(new Error("enough")),
  });
  await expect(following).rejects.toThrow("enough");
});
