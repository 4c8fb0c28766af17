/* SPDX-License-Identifier: Apache-2.0 */
/* A store of strings: a few, searched from front to back. */
#ifndef STORE_H
#define STORE_H

/* Keeps a copy of both; replaces what the key had. Returns 0, or -1 when there is no more memory. */
int store_set(const char *key, const char *value);

/* Returns what the key has, until it is set again; NULL when it has nothing. */
const char *store_get(const char *key);

#endif
