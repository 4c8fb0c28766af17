// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import { createContext } from "../host/context.js";
import { makeCertificates } from "./make-certificates.js";

test("makes a certificate for the host and for this machine's address, with its key, once", async () => {
  await using directory = await createTestDirectory();
  const ctx = createContext({ cacheDir: directory.path });
  const files = await makeCertificates(ctx, [{ path: "/etc/tls", host: "kv.test" }]);
  expect(files.map(({ path }) => path)).toEqual(["/etc/tls/server.crt", "/etc/tls/server.key"]);

  const [certificateFile = "", keyFile = ""] = files.map(({ file }) => file);
  const certificate = new X509Certificate(await readFile(certificateFile));
  expect(certificate.checkHost("kv.test")).toBe("kv.test");
  expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(certificate.checkPrivateKey(createPrivateKey(await readFile(keyFile)))).toBe(true);

  expect(await makeCertificates(ctx, [{ path: "/etc/tls", host: "kv.test" }])).toEqual(files);
});
