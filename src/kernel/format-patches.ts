// SPDX-License-Identifier: Apache-2.0
/** Makes patch files of commits. */

import type { Context } from "../host/context.js";
import { runGit } from "./git.js";

export interface FormatRequest {
  readonly range: string;
  /** An existing directory. */
  readonly output: string;
  /** The patches show only these. */
  readonly files: readonly string[];
  readonly options?: readonly string[];
}

/** Makes a file of each commit. The same commits give the same bytes, on every machine and with every git. */
export async function formatPatches(
  ctx: Context,
  tree: string,
  { range, output, files, options = ["--no-numbered", "--no-cover-letter"] }: FormatRequest,
): Promise<void> {
  // Without a path git would take them all.
  if (files.length === 0) return;
  const args = [
    ...[
      "format-patch",
      "--quiet",
      "--output-directory",
      output,
      "--suffix=.patch",
      "--filename-max-length=64",
    ],
    ...[
      "--zero-commit",
      "--no-signature",
      "--no-signoff",
      "--no-from",
      "--no-to",
      "--no-cc",
      "--no-add-header",
    ],
    ...[
      "--no-thread",
      "--no-attach",
      "--no-base",
      "--no-notes",
      "--subject-prefix=PATCH",
      "--start-number=1",
    ],
    ...["--no-renames", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/", "--abbrev=7"],
    ...["--diff-algorithm=myers", "--indent-heuristic", "--unified=3", "--inter-hunk-context=0"],
    ...[...options, range, "--", ...files],
  ];
  await runGit(ctx, tree, args);
}
