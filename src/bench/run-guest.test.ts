// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { checkConsole, checkEnd } from "./run-guest.js";

describe("checkConsole", () => {
  const end = "init: /bin/bench ended with status 0\n[    3.6] reboot: Power down\n";

  test("accepts a program that succeeded", () => {
    expect(() => checkConsole("micro", `count fork 8 1 2\n${end}`)).not.toThrow();
  });

  test.each([
    [
      "the kernel warned",
      `[    1.2] WARNING: CPU: 0 PID: 1 at kernel/fork.c:1\n${end}`,
      "the kernel said: WARNING",
    ],
    ["the program failed", "bench: fork: no\ninit: /bin/bench ended with status 1\n", "bench: fork: no"],
    ["it was killed", "init: /bin/bench was ended by signal 11 (Segmentation fault)\n", "signal 11"],
    ["it did not end", "count fork 8 1 2\n", "the program failed"],
  ])("refuses when %s", (_what, text, message) => {
    expect(() => checkConsole("micro", text)).toThrow(message);
  });
});

describe("checkEnd", () => {
  const end = (result: Partial<Parameters<typeof checkEnd>[1]>) => () =>
    checkEnd("hello", { exitCode: 1, signal: undefined, stderr: "", ...result });

  test("is content with a machine that was switched off, whatever QEMU has warned of", () => {
    expect(end({ exitCode: 0, stderr: "qemu-system-x86_64: warning: no pcid" })).not.toThrow();
  });

  const fatal = "qemu: fatal: Trying to execute code outside RAM or ROM at 0x0000000000000000\nRAX=0 RBX=0\n";
  test.each([
    [
      "what the machine did",
      { exitCode: 134, signal: "SIGABRT", stderr: fatal },
      "VM_PANIC",
      /outside RAM or ROM at 0x0+$/,
    ],
    [
      "what QEMU could not do",
      { stderr: "qemu: Cannot allocate memory" },
      "VM_START_FAILED",
      /Cannot allocate memory$/,
    ],
    ["nothing but a status", {}, "VM_START_FAILED", /status 1$/],
    ["a full disk", { stderr: "qemu: No space left on device" }, "HOST_NO_SPACE", /no space left/],
    ["who else ended it", { exitCode: 137, signal: "SIGKILL" }, "HOST_COMMAND_FAILED", /SIGKILL$/],
  ] as const)("tells %s", (_what, result, code, message) => {
    expect(end(result)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});
