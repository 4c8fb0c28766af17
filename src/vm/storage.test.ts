// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveStorage } from "./storage.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "ukl-storage-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("volumes and disks become devices of QEMU and mounts of the guest", async () => {
  const disk = path.join(directory, "disk.qcow2");
  writeFileSync(disk, Buffer.from([0x51, 0x46, 0x49, 0xfb, 0, 0]));
  const storage = await resolveStorage(
    { volumes: [`${directory}/new`, `${directory}:/other:ro`], disks: [`${disk}:/disk`] },
    { volumes: [{ path: "/data", directory: undefined, readOnly: false }], disks: [] },
  );
  expect(existsSync(path.join(directory, "new"))).toBe(true);
  expect(storage.volumes).toEqual([
    { hostPath: path.join(directory, "new"), readOnly: false },
    { hostPath: directory, readOnly: true },
  ]);
  expect(storage.disks).toEqual([{ hostPath: disk, format: "qcow2" }]);
  expect(storage.mounts.map(({ type, source, directory }) => [type, source, directory])).toEqual([
    ["9p", "volume0", "/data"],
    ["9p", "volume1", "/other"],
    ["ext4", "/dev/vda", "/disk"],
  ]);
  expect(storage.mounts[1]?.options).toContain("ro");
});

test.each([
  [{ volumes: ["data"], disks: [] }, "no directory of its own"],
  [{ volumes: ["data:relative"], disks: [] }, "it is not DIR:PATH"],
  [{ volumes: [], disks: ["/nowhere/disk.img:/d"] }, "there is no such file"],
])("%j is refused", async (request, message) => {
  await expect(resolveStorage(request, { volumes: [], disks: [] })).rejects.toThrow(message);
});

test("the application's own are there, unless something else is put in their place", async () => {
  const disk = path.join(directory, "disk.img");
  writeFileSync(disk, "");
  const app = {
    volumes: [
      { path: "/data", directory: path.join(directory, "data"), readOnly: false },
      { path: "/etc/kv", directory: path.join(directory, "etc"), readOnly: true },
      { path: "/cache", directory: undefined, readOnly: false },
    ],
    disks: [{ path: "/srv", image: disk, readOnly: false }],
  };
  const places = async (...volumes: readonly string[]) => {
    const storage = await resolveStorage({ volumes, disks: [] }, app);
    const sources = [...storage.volumes, ...storage.disks].map(({ hostPath }) => path.basename(hostPath));
    return storage.mounts.map(({ directory }, index) => `${sources[index]}:${directory}`);
  };
  expect(await places()).toEqual(["data:/data", "etc:/etc/kv", "disk.img:/srv"]);
  const other = path.join(directory, "other");
  expect(await places(other)).toEqual(["other:/data", "etc:/etc/kv", "disk.img:/srv"]);
  expect(await places(`${other}:/srv`)).toEqual(["other:/srv", "data:/data", "etc:/etc/kv"]);
});
