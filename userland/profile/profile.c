// SPDX-License-Identifier: MIT
/*
 * Runs in place of /init on a kernel that counts its branches (CONFIG_GCOV_KERNEL), and becomes it. Before that it
 * starts a process which forgets what was counted until then, waits for the host's request (a byte) at a TCP port, and
 * sends all counts: for each file a line with its path and its size, then its bytes; at the end an empty line.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOUNT_POINT "/.profile"
#define COUNTS MOUNT_POINT "/gcov"
#define NEXT "/init.next"

static void fail(const char *what)
{
	fprintf(stderr, "profile: cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static void send_all(int connection, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t sent = write(connection, bytes, size);

		if (sent < 0)
			fail("send");
		bytes += sent;
		size -= sent;
	}
}

/* The kernel says 0 for the size of these files; it is known only when all is read. */
static char *read_file(const char *path, size_t *size)
{
	int file = open(path, O_RDONLY);
	size_t room = 1 << 16;
	char *bytes = malloc(room);
	ssize_t got;

	if (file < 0 || !bytes)
		fail(path);
	*size = 0;
	while ((got = read(file, bytes + *size, room - *size)) > 0) {
		*size += got;
		if (*size < room)
			continue;
		room *= 2;
		bytes = realloc(bytes, room);
		if (!bytes)
			fail(path);
	}
	if (got < 0)
		fail(path);
	close(file);
	return bytes;
}

static void send_file(int connection, const char *path)
{
	size_t size;
	char *bytes = read_file(path, &size);

	dprintf(connection, "%s %zu\n", path + strlen(COUNTS), size);
	send_all(connection, bytes, size);
	free(bytes);
}

/* There are links to the compiler's notes beside the counts; only those are regular files. */
static void send_directory(int connection, const char *directory)
{
	DIR *open = opendir(directory);
	struct dirent *entry;

	if (!open)
		fail(directory);
	while ((entry = readdir(open))) {
		char path[4096];
		struct stat status;
		const char *ending = strrchr(entry->d_name, '.');

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		if (lstat(path, &status))
			fail(path);
		if (S_ISDIR(status.st_mode))
			send_directory(connection, path);
		else if (S_ISREG(status.st_mode) && ending && !strcmp(ending, ".gcda"))
			send_file(connection, path);
	}
	closedir(open);
}

static int listen_at(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int server = socket(AF_INET, SOCK_STREAM, 0);

	if (server < 0 || bind(server, (struct sockaddr *)&address, sizeof(address)) || listen(server, 1))
		fail("listen");
	return server;
}

/* What was counted until now is the kernel's start, which happens once. */
static void forget_start(void)
{
	int reset = open(COUNTS "/reset", O_WRONLY);

	if (reset < 0 || write(reset, "0", 1) != 1)
		fail("reset the counts");
	close(reset);
}

static void serve(int server)
{
	for (;;) {
		int connection = accept(server, NULL, NULL);
		char request;

		if (connection < 0)
			fail("accept");
		if (read(connection, &request, 1) != 1)
			fail("read the request");
		send_directory(connection, COUNTS);
		send_all(connection, "\n", 1);
		close(connection);
	}
}

int main(int argc, char *argv[])
{
	int server;
	pid_t child;

	(void)argc;
	if (mkdir(MOUNT_POINT, 0700) || mount("debugfs", MOUNT_POINT, "debugfs", 0, NULL))
		fail("mount debugfs");
	server = listen_at(PROFILE_PORT);
	forget_start();
	child = fork();
	if (child < 0)
		fail("fork");
	if (child == 0)
		serve(server);
	close(server);
	execv(NEXT, argv);
	fail("start " NEXT);
}
