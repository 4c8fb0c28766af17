// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { parseProfile } from "./parse-profile.js";

/** As userland/profile sends it. */
const send = (...files: readonly (readonly [path: string, data: Uint8Array])[]): Buffer =>
  Buffer.concat([
    ...files.flatMap(([path, data]) => [Buffer.from(`${path} ${data.length}\n`), data]),
    Buffer.from("\n"),
  ]);

const fork = ["/build/kernel/fork.gcda", Uint8Array.of(0x61, 0x0a, 0x0a, 0x00)] as const;

test("files may hold any byte, and none", () => {
  const empty = ["/build/mm/a file.gcda", new Uint8Array()] as const;
  expect(parseProfile(send(fork, empty, fork))).toEqual(
    [fork, empty, fork].map(([path, data]) => ({ path, data: Buffer.from(data) })),
  );
  expect(parseProfile(send())).toEqual([]);
});

test("what is not complete is no profile", () => {
  const whole = send(fork, fork);
  for (let size = 0; size < whole.length; size++)
    expect(() => parseProfile(whole.subarray(0, size))).toThrow("the profile ends too early");
});

test("what came from somebody else is no profile", () => {
  expect(() => parseProfile(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"))).toThrow("none of its");
});
