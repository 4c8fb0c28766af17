// SPDX-License-Identifier: Apache-2.0
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { silentLog } from "../log/log.js";
import { type AppOutput, collectOutput } from "./app-output.js";
import type { Machine } from "./machine.js";

function collect(): { stdout: PassThrough; stderr: PassThrough; output: AppOutput; lines: string[] } {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const lines: string[] = [];
  const log = { ...silentLog, output: (line: string) => void lines.push(line) };
  return { stdout, stderr, lines, output: collectOutput({ log }, { stdout, stderr } as unknown as Machine) };
}

test("keeps both streams, and shows them line by line", async () => {
  const { stdout, stderr, output, lines } = collect();
  stdout.end(Buffer.from("ünï\n"));
  stderr.end("bad\n");
  await output.ended;
  expect(output.text.split("\n").sort()).toEqual(["", "bad", "ünï"]);
  expect(lines.sort()).toEqual(["bad", "ünï"]);
});

test("waits for what comes in pieces, and finds what is there", async () => {
  const { stdout, output } = collect();
  const waiting = output.waitFor(/port (\d+)\n/g);
  stdout.write("listening on po");
  stdout.write("rt 7000\n");
  await expect(waiting).resolves.toBe("port 7000\n");
  await expect(output.waitFor("listening")).resolves.toBe("listening");
});

test("does not wait for ever for what never comes", async () => {
  const { stdout, stderr, output } = collect();
  const waiting = output.waitFor("ready");
  stdout.end("bye\n");
  stderr.end();
  await expect(waiting).rejects.toThrow('its output ended without "ready"');
  await expect(output.waitFor(/x/)).rejects.toThrow("its output ended without /x/");
});
