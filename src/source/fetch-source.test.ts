// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { createContext } from "../host/context.js";
import { hashBytes } from "../host/hash.js";
import { fetchSource } from "./fetch-source.js";

test("a directory is used where it is, and its hash is that of its content", async () => {
  await using directory = await createTestDirectory();
  const spec = { kind: "directory", path: directory.path } as const;
  const empty = await fetchSource(createContext(), spec);
  expect(empty).toMatchObject({ path: directory.path, name: path.basename(directory.path), version: "" });
  await mkdir(path.join(directory.path, ".git"));
  await writeFile(path.join(directory.path, ".git", "index"), "");
  expect((await fetchSource(createContext(), spec)).sha256).toBe(empty.sha256);
  await writeFile(path.join(directory.path, "main.c"), "");
  expect((await fetchSource(createContext(), spec)).sha256).not.toBe(empty.sha256);
});

test.each([
  ["/no/such/directory", "does not exist"],
  ["/dev/null", "is not a directory"],
])("%s %s", async (place, state) => {
  await expect(fetchSource(createContext(), { kind: "directory", path: place })).rejects.toMatchObject({
    code: "SOURCE_NOT_FOUND",
    message: expect.stringContaining(state),
  });
});

test("a tarball is fetched once, checked and unpacked without its top directory", async () => {
  await using directory = await createTestDirectory();
  await using server = await serve(await packTarball(directory.path));
  const ctx = createContext({ cacheDir: path.join(directory.path, "cache") });
  const spec = { kind: "tarball", url: `${server.url}/thing-1.2.tar.gz`, sha256: server.sha256 } as const;
  const source = await fetchSource(ctx, spec);
  expect(source).toMatchObject({ name: "thing-1.2.tar.gz", version: "1.2", sha256: server.sha256 });
  await expect(readFile(path.join(source.path, "main.c"), "utf8")).resolves.toBe("int main;\n");
  await fetchSource(ctx, spec);
  expect(server.requests()).toBe(1);
});

test("a tarball with another hash is refused, and one that is not there is said so", async () => {
  await using directory = await createTestDirectory();
  await using server = await serve(await packTarball(directory.path));
  const ctx = createContext({ cacheDir: path.join(directory.path, "cache") });
  const wrong = "0".repeat(64);
  const url = `${server.url}/thing-1.2.tar.gz`;
  await expect(fetchSource(ctx, { kind: "tarball", url, sha256: wrong })).rejects.toMatchObject({
    code: "SOURCE_CHECKSUM_MISMATCH",
    message: `Cannot use "${url}": its SHA-256 is ${server.sha256}, not ${wrong}`,
  });
  const missing = { kind: "tarball", url: `${server.url}/missing`, sha256: wrong } as const;
  await expect(fetchSource(ctx, missing)).rejects.toMatchObject({ code: "SOURCE_FETCH_FAILED" });
});

async function packTarball(directory: string): Promise<Buffer> {
  const top = path.join(directory, "thing-1.2");
  await mkdir(top);
  await writeFile(path.join(top, "main.c"), "int main;\n");
  return execFileSync("tar", ["-czf", "-", "-C", directory, "thing-1.2"]);
}

/** Serves one file under any name but "missing". */
async function serve(content: Buffer) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    if (request.url === "/missing") response.writeHead(404).end();
    else response.end(content);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sha256: hashBytes(content),
    requests: () => requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
