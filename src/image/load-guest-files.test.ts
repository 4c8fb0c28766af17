// SPDX-License-Identifier: Apache-2.0
import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { loadGuestFiles } from "./load-guest-files.js";

test("loads files, and directories with all that is in them", async () => {
  await using directory = await createTestDirectory();
  const at = (name: string): string => path.join(directory.path, name);
  await mkdir(at("www/empty"), { recursive: true });
  await writeFile(at("kv.conf"), "port 7000\n");
  await writeFile(at("www/index.html"), "<p>");
  await writeFile(at("www/cgi"), "", { mode: 0o755 });
  await symlink("index.html", at("www/default"));
  const files = await loadGuestFiles([
    { path: "/etc/kv.conf", file: at("kv.conf") },
    { path: "/srv", file: at("www") },
  ]);
  expect({ ...files, files: files.files.map(({ path, mode }) => `${path} ${mode.toString(8)}`) }).toEqual({
    files: ["/etc/kv.conf 644", "/srv/cgi 755", "/srv/index.html 644"],
    links: [{ path: "/srv/default", target: "index.html" }],
    directories: ["/srv", "/srv/empty"],
  });
  expect(String(files.files[0]?.data)).toBe("port 7000\n");
});

test("a file that is missing is named", async () => {
  await expect(loadGuestFiles([{ path: "/etc/kv", file: "/no/such" }])).rejects.toMatchObject({
    code: "APP_INVALID",
    message: 'Cannot put "/etc/kv" into the image: there is no "/no/such"',
  });
});
