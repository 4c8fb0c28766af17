// SPDX-License-Identifier: Apache-2.0
/** Certificates for servers that need one to begin with: they vouch for themselves, so clients have to be told. */

import path from "node:path";
import type { AppCertificate, AppFile } from "../config/app.js";
import { cached } from "../host/cache.js";
import type { Context } from "../host/context.js";
import { requireTools } from "../host/require-tools.js";
import { runCommand } from "../host/run-command.js";

/** Makes each, once for a host's name, and returns the files that it consists of. */
export async function makeCertificates(
  ctx: Context,
  certificates: readonly AppCertificate[],
): Promise<AppFile[]> {
  const files: AppFile[] = [];
  for (const { path: place, host } of certificates) {
    const directory = await makeCertificate(ctx, host);
    for (const name of [certificateName, keyName])
      files.push({ path: path.join(place, name), file: path.join(directory, name) });
  }
  return files;
}

const certificateName = "server.crt";
const keyName = "server.key";
const validDays = "3650";

/** Ten years of an elliptic curve that every client knows. */
async function makeCertificate(ctx: Context, host: string): Promise<string> {
  await requireTools(ctx, ["openssl"]);
  const entry = await cached(ctx, {
    kind: "certificate",
    name: host,
    inputs: { host, validDays },
    title: `Making a certificate for ${host}`,
    build: async (ctx, { directory, logFile }) => {
      const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyName];
      const subject = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host},IP:127.0.0.1`];
      const args = ["req", "-x509", ...key, "-out", certificateName, "-days", validDays, ...subject];
      await runCommand(ctx, "openssl", args, { cwd: directory, logFile });
    },
  });
  return entry.path;
}
