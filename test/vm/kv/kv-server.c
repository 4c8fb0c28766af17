// SPDX-License-Identifier: Apache-2.0
/*
 * A key-value server: "set KEY VALUE" and "get KEY", a line each, one client after the other. Greets with the first
 * line of a file that is no comment, when it is given one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store.h"

static void answer(FILE *out, char *line)
{
	char *command = strtok(line, " \r\n");
	char *key = strtok(NULL, " \r\n");
	char *value = strtok(NULL, "\r\n");

	if (command && key && value && !strcmp(command, "set"))
		fputs(store_set(key, value) ? "out of memory\n" : "ok\n", out);
	else if (command && key && !value && !strcmp(command, "get"))
		fprintf(out, "%s\n", store_get(key) ? store_get(key) : "nothing");
	else
		fputs("say \"set KEY VALUE\" or \"get KEY\"\n", out);
}

static void serve(int client, const char *greeting)
{
	FILE *in = fdopen(client, "r");
	FILE *out = fdopen(dup(client), "w");
	char line[4096];

	if (in && out) {
		fputs(greeting, out);
		fflush(out);
		while (fgets(line, sizeof(line), in)) {
			answer(out, line);
			fflush(out);
		}
	}
	if (out)
		fclose(out);
	if (in)
		fclose(in);
}

static int listen_on(unsigned short port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_ANY),
	};
	int one = 1;
	int server = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(server, (struct sockaddr *)&address, sizeof(address)) || listen(server, 16)) {
		fprintf(stderr, "kv-server: cannot listen on port %d: %s\n", port, strerror(errno));
		exit(1);
	}
	return server;
}

/* The first line that is no comment; a line that is too long is cut. */
static void read_greeting(char *greeting, int size, const char *name)
{
	FILE *file = fopen(name, "r");

	if (!file) {
		fprintf(stderr, "kv-server: cannot read %s: %s\n", name, strerror(errno));
		exit(1);
	}
	do {
		if (!fgets(greeting, size, file))
			*greeting = '\0';
	} while (*greeting == '#');
	fclose(file);
}

int main(int argc, char **argv)
{
	unsigned short port = argc > 1 ? atoi(argv[1]) : 7000;
	char greeting[256] = "";
	int server;

	if (argc > 2)
		read_greeting(greeting, sizeof(greeting), argv[2]);
	server = listen_on(port);
	printf("kv-server: listening on port %d\n", port);
	fflush(stdout);
	for (;;) {
		int client = accept(server, NULL, NULL);

		if (client >= 0)
			serve(client, greeting);
	}
}
