// SPDX-License-Identifier: MIT
/* Looks at every byte of an answer. */
#include "client.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* Shows the answer's first line. */
void refuse(const struct request *request, const char *text, size_t size)
{
	const char *end = memchr(text, '\r', size);

	fprintf(stderr, "bench: the server answered \"%s\" with: %.*s …\n", request->name,
		(int)MIN(end ? (size_t)(end - text) : size, 200), text);
	exit(1);
}

static int is_wildcard(char c)
{
	return c == '*' || c == '#';
}

/* How many bytes come before the next wildcard. */
static size_t measure_literal(const char *expected, const char *end)
{
	size_t length = 0;

	while (expected + length < end && !is_wildcard(expected[length]))
		length++;
	return length;
}

size_t match_answer(const struct request *request, const char *text, size_t size)
{
	const char *const end = request->answer + (request->answer_size ?: strlen(request->answer));
	size_t at = 0;

	for (const char *expected = request->answer; expected < end; expected++) {
		size_t begin = at;

		if (at == size)
			return 0;
		if (*expected == '*') {
			const size_t length = measure_literal(expected + 1, end);
			const char *found = memmem(text + at, size - at, expected + 1, length);

			if (!found)
				return 0;
			at = found - text;
		} else if (*expected == '#') {
			while (at < size && isdigit(text[at]))
				at++;
			if (at == begin)
				refuse(request, text, size);
			/* There may be more of it. */
			if (at == size)
				return 0;
		} else if (text[at++] != *expected) {
			refuse(request, text, size);
		}
	}
	if (request->body && memcmp(text + at, request->body, MIN(size - at, request->body_size)))
		refuse(request, text, size);
	at += request->body_size;
	return at <= size ? at : 0;
}
