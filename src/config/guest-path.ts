// SPDX-License-Identifier: Apache-2.0
/** Where a file of this system is put in the guest when nobody says so. */

/** At the same path, except below directories that the guest mounts afresh at every start. */
export function guestPathOf(file: string): string {
  return /^\/(tmp|run|dev|proc|sys)\//.test(file) ? `/opt${file}` : file;
}
