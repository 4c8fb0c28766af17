// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { addUser, ownDirectories, resolveUser } from "./guest-user.js";
import { standardAccounts } from "./initramfs.js";

test("a new user is added to the accounts", () => {
  const user = resolveUser({ name: "kv", id: undefined }, standardAccounts);
  expect(user).toMatchObject({ name: "kv", id: 1000, groups: [1000], home: "/home/kv" });
  expect(user.accounts.passwd).toBe(`${standardAccounts.passwd}kv:x:1000:1000::/home/kv:/bin/sh\n`);
  expect(user.accounts.group).toBe(`${standardAccounts.group}kv:x:1000:\n`);
  expect(resolveUser({ name: "kv", id: 70 }, standardAccounts)).toMatchObject({ id: 70, groups: [70] });
});

test("a user that is there keeps its number, groups and home", () => {
  const accounts = {
    passwd: `${standardAccounts.passwd}kv:x:106:112:,,,:/var/lib/kv:/bin/bash\n`,
    group: "kv:x:112:\ntls:x:110:www,kv\nothers:x:111:kvx\n",
  };
  const user = resolveUser({ name: "kv", id: undefined }, accounts);
  expect(user).toEqual({
    ...{ name: "kv", id: 106, groups: [112, 110], home: "/var/lib/kv", shell: "/bin/bash", accounts },
  });
  expect(() => resolveUser({ name: "kv", id: 70 }, accounts)).toThrow(
    'Cannot give the user "kv" the number 70: it has 106',
  );
});

test("a number is one user's", () => {
  const accounts = { ...standardAccounts, passwd: "root:x:0:0::/:\nwww:x:1000:1000::/:\n" };
  expect(() => resolveUser({ name: "kv", id: undefined }, accounts)).toThrow(
    'Cannot add the user "kv": its number 1000 is that of "www"',
  );
});

test("the accounts of the image are those of the application's own files", () => {
  const passwd = { path: "/etc/passwd", mode: 0o644, data: Buffer.from("root:x:0:0::/:\nwww:x:70:70::/:\n") };
  const files = { files: [passwd], links: [], directories: [] };
  const { files: changed, user } = addUser({ user: { name: "kv", id: 71 } }, files);
  const texts = changed.files.map(({ path, data }) => [path, Buffer.from(data).toString()]);
  expect(Object.fromEntries(texts)).toEqual({
    "/etc/passwd": "root:x:0:0::/:\nwww:x:70:70::/:\nkv:x:71:71::/home/kv:/bin/sh\n",
    "/etc/group": `${standardAccounts.group}kv:x:71:\n`,
  });
  expect(user?.id).toBe(71);
  expect(addUser({ user: undefined }, files)).toEqual({ files, user: undefined });
});

test("storage is the user's, wherever it is, unless it is only to be read", () => {
  const place = (path: string, readOnly = false) => ({ path, readOnly, directory: undefined });
  const app = { name: "kv", volumes: [place("/data"), place("/etc/kv", true)], disks: [] };
  const mount = (directory: string, ...options: readonly string[]) => ({
    ...{ type: "9p", source: "volume0", directory, options },
  });
  const mounts = [mount("/data"), mount("/more"), mount("/keys", "ro")];
  const own = { home: "/home/kv" };
  expect(ownDirectories(app, own, mounts)).toEqual(["/data", "/more", "/home/kv", "/run/kv"]);
  expect(ownDirectories(app, { home: "/" }, [])).toEqual(["/data", "/run/kv"]);
});
