// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { formatGuestConfiguration } from "./guest-configuration.js";

test("writes one line a value, with the separators in it escaped", () => {
  const text = formatGuestConfiguration({
    program: "/bin/kv",
    args: ["--name", "two words", "", "back\\slash", "a\nb"],
    env: { UKL_LEVEL: "base", GREETING: "hello\tworld" },
    cwd: "/data",
    user: { id: 1000, groups: [1000, 4] },
    ownDirectories: ["/my data", "/run/kv"],
    setup: [
      { command: ["/bin/make-kv", "/my data"], unless: "/my data/kv" },
      { command: ["/bin/check-kv"], unless: undefined },
    ],
    hostname: "kv",
    network: { address: "10.0.2.15/24", gateway: "10.0.2.2", nameServer: "10.0.2.3" },
    mounts: [
      { type: "9p", source: "volume0", directory: "/my data", options: ["trans=virtio", "cache=mmap"] },
      { type: "ext4", source: "/dev/vda", directory: "/disk", options: [] },
    ],
    awaitedPorts: [7000],
  });
  expect(text).toBe(
    [
      "program /bin/kv",
      "arg --name",
      "arg two\\040words",
      "arg \\000",
      "arg back\\134slash",
      "arg a\\012b",
      "env UKL_LEVEL=base",
      "env GREETING=hello\\011world",
      "cwd /data",
      "user 1000 1000 4",
      "own /my\\040data",
      "own /run/kv",
      "setup /my\\040data/kv",
      "setup-arg /bin/make-kv",
      "setup-arg /my\\040data",
      "setup \\000",
      "setup-arg /bin/check-kv",
      "hostname kv",
      "net 10.0.2.15/24 10.0.2.2 10.0.2.3",
      "mount 9p volume0 /my\\040data trans=virtio,cache=mmap",
      "mount ext4 /dev/vda /disk -",
      "restart never",
      "listen 7000",
      "",
    ].join("\n"),
  );
});
