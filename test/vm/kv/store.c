// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "store.h"

struct entry {
	struct entry *next;
	char *key;
	char *value;
};

static struct entry *entries;

static struct entry *find(const char *key)
{
	struct entry *entry = entries;

	while (entry && strcmp(entry->key, key))
		entry = entry->next;
	return entry;
}

static struct entry *add(const char *key)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->key = strdup(key);
	if (!entry->key) {
		free(entry);
		return NULL;
	}
	entry->next = entries;
	entries = entry;
	return entry;
}

int store_set(const char *key, const char *value)
{
	struct entry *entry = find(key);
	char *copy = strdup(value);

	if (copy && !entry)
		entry = add(key);
	if (!copy || !entry) {
		free(copy);
		return -1;
	}
	free(entry->value);
	entry->value = copy;
	return 0;
}

const char *store_get(const char *key)
{
	struct entry *entry = find(key);

	return entry ? entry->value : NULL;
}
