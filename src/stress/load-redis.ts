// SPDX-License-Identifier: Apache-2.0
/** redis-benchmark against a guest, for as long as something else goes on. */

import type { Context } from "../host/context.js";
import { formatCommand } from "../host/format-command.js";
import { spawnGroup } from "../host/process-group.js";
import { requireTools } from "../host/require-tools.js";

export interface RedisLoad extends AsyncDisposable {
  /** Rejects when it ends by itself: it goes on for ever, unless the server fails it. */
  readonly failed: Promise<never>;
}

/** Starts it; disposing of it ends it. */
export async function loadRedis(ctx: Context, port: number): Promise<RedisLoad> {
  await requireTools(ctx, ["redis-cli"]);
  const [file, args] = ["redis-benchmark", ["-h", "127.0.0.1", "-p", String(port), ...options]];
  ctx.log.detail(`$ ${formatCommand({ file, args })}`);
  const group = await spawnGroup({ file, args, stderr: "pipe" });
  let said = "";
  group.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const failed = group.exited.then(({ exitCode }): never => {
    throw new Error(`redis-benchmark ended with status ${exitCode}: ${said.trim() || "it said nothing"}`);
  });
  failed.catch(() => {});
  return {
    failed,
    [Symbol.asyncDispose]: async () => {
      await group.stop();
    },
  };
}

/** Keys that are used again and again, so that memory does not grow; for ever. */
const options = [
  ...["-c", "10", "-n", "20000", "-r", "1000", "-d", "200"],
  ...["-t", "ping_mbulk,set,get,incr,sadd,hset,mset", "-l", "-q"],
];
