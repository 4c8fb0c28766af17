// SPDX-License-Identifier: Apache-2.0
/** Calls git so that what somebody has made of it on his machine decides nothing. */

import path from "node:path";
import type { Context } from "../host/context.js";
import { type CommandOptions, type CommandResult, runCommand } from "../host/run-command.js";

export interface GitOptions extends Pick<CommandOptions, "allowFailure" | "logFile"> {
  /** Settings for this command: "core.compression=1". */
  readonly settings?: readonly string[];
}

/** Runs git in a tree: with no configuration but the tree's own, with our name, paths taken literally. */
export function runGit(
  ctx: Context,
  tree: string,
  args: readonly string[],
  { settings = [], ...options }: GitOptions = {},
): Promise<CommandResult> {
  return runCommand(ctx, "git", [...settings.flatMap((setting) => ["-c", setting]), ...args], {
    ...options,
    cwd: tree,
    env: { ...gitEnvironment(tree), ...identity, GIT_LITERAL_PATHSPECS: "1" },
  });
}

/** Runs a git command that prints names with -z. */
export async function listGit(ctx: Context, tree: string, args: readonly string[]): Promise<string[]> {
  const { stdout } = await runGit(ctx, tree, args);
  return [...new Set(stdout.split("\0").filter((name) => name !== ""))];
}

/** The environment in which git knows nothing but a tree. */
export function gitEnvironment(tree: string): Readonly<Record<string, string>> {
  return {
    // Inside somebody's repository git would look for that repository's files, find none, and report success.
    GIT_CEILING_DIRECTORIES: path.dirname(tree),
    // What somebody has made of git here must not decide what is whitespace.
    HOME: "/nonexistent",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_ATTR_NOSYSTEM: "1",
  };
}

const [name, email, date] = ["Unikernel Linux", "ukl@invalid", "2026-11-21T00:00:00+0000"];

/** Of the commits that are made here, as the series has it: who opens a tree is not their author. */
const identity = {
  GIT_AUTHOR_NAME: name,
  GIT_AUTHOR_EMAIL: email,
  GIT_AUTHOR_DATE: date,
  GIT_COMMITTER_NAME: name,
  GIT_COMMITTER_EMAIL: email,
  GIT_COMMITTER_DATE: date,
};
