// SPDX-License-Identifier: Apache-2.0
/** How often each branch of a kernel was taken, in the form in which the compiler takes it. */

import { copyFile, mkdir, realpath } from "node:fs/promises";
import path from "node:path";
import { listTree } from "../host/hash.js";

export interface KernelProfile {
  /** A directory with a file for each object of the kernel that was counted: kernel/fork.gcda for kernel/fork.o. */
  readonly path: string;
  /** Of its content. */
  readonly key: string;
}

/** The fragment of kernel/config for a kernel that counts. */
export const profileFragment = "gcov";

/** Beside a kernel's build directory, so that recorded commands have no absolute path. */
const placeName = "profile";

/** For a kernel beside whose build directory a profile was placed. */
export const profileFlags: readonly string[] = [
  `-fprofile-use=../${placeName}`,
  // What was not taken is not known to be cold: a training run is no proof. It is not compiled for size.
  "-fprofile-partial-training",
  // The kernel that counted has functions of its own, and some that differ: those go without.
  "-Wno-missing-profile",
  "-Wno-coverage-mismatch",
];

/**
 * Puts a profile where the compiler looks for it, under the names that it looks for: those of the objects with their
 * absolute paths, in which each slash is a "#".
 *
 * @param directory around the kernel's build directory
 * @param output the build directory
 */
export async function placeProfile(profile: KernelProfile, directory: string, output: string): Promise<void> {
  const place = path.join(directory, placeName);
  await mkdir(place, { recursive: true });
  const root = await realpath(output);
  const files = (await listTree(profile.path)).filter((file) => file.endsWith(suffix));
  if (files.length === 0) throw new Error(`the profile in ${profile.path} is empty`);
  for (const file of files)
    await copyFile(path.join(profile.path, file), path.join(place, mangle(path.join(root, file))));
}

const suffix = ".gcda";

/** As mangle_path() of gcc's coverage.cc. */
function mangle(file: string): string {
  return file.replaceAll("/", "#");
}
