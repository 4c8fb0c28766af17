// SPDX-License-Identifier: MIT
/** What header fields may look like, in both directions: RFC 9110, section 5. */

export function isFieldName(name: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);
}

/** A line break in a value would begin another field. */
export function isFieldValue(value: string): boolean {
  return /^[\t\P{Cc}]*$/u.test(value);
}
