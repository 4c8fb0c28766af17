// SPDX-License-Identifier: Apache-2.0
/** Results that outlive an interruption: a file with a line of JSON for each boot that came to its end. */

import { appendFile, readFile } from "node:fs/promises";
import { z } from "zod";
import { UklError } from "../errors/ukl-error.js";
import { explainSystemError, isSystemError } from "../host/system-error.js";
import { outcomes } from "./suite.js";

const recordSchema = z.object({
  /** How often what differed had been run again before. */
  round: z.number(),
  items: z.array(
    z.object({
      /** Stands for everything that the result depends on. */
      key: z.string(),
      name: z.string(),
      level: z.string(),
      durationMs: z.number(),
      tests: z.array(
        z.object({
          name: z.string(),
          outcome: z.enum(outcomes),
          detail: z.string().exactOptional(),
        }),
      ),
    }),
  ),
  /** What the kernel complained of. */
  problems: z.array(z.string()),
});

export type BootRecord = z.infer<typeof recordSchema>;
export type ItemRecord = BootRecord["items"][number];

export interface ResultFile {
  /** The result, and the boot that it is from. */
  find(key: string, round: number): { readonly item: ItemRecord; readonly boot: BootRecord } | undefined;
  add(boot: BootRecord): Promise<void>;
}

/**
 * Reads what is there; a line that was cut off counts for nothing.
 *
 * @param file undefined for results that nobody keeps
 * @throws UklError USAGE_INVALID for a file that has something else
 */
export async function openResultFile(file: string | undefined): Promise<ResultFile> {
  const text = file === undefined ? "" : await readText(file);
  const boots = text.split("\n").flatMap(parseRecord);
  if (file !== undefined && text.trim() !== "" && boots.length === 0)
    throw new UklError("USAGE_INVALID", `Cannot go on from "${file}": it has no results`, {
      hint: "Name a file that does not exist yet, or one that --results has written",
    });
  let separator = text === "" || text.endsWith("\n") ? "" : "\n";
  return {
    find: (key, round) => {
      for (const boot of boots) {
        const item = boot.round === round ? boot.items.find((item) => item.key === key) : undefined;
        if (item !== undefined) return { item, boot };
      }
      return undefined;
    },
    add: async (boot) => {
      boots.push(boot);
      if (file === undefined) return;
      const line = `${separator}${JSON.stringify(boot)}\n`;
      separator = "";
      await appendFile(file, line).catch((error: unknown) => {
        throw explainSystemError(error, `write "${file}"`);
      });
    },
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return "";
    throw explainSystemError(error, `read "${file}"`);
  }
}

function parseRecord(line: string): BootRecord[] {
  try {
    return [recordSchema.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}
