// SPDX-License-Identifier: Apache-2.0
/* Says who it is, what it may do, and what was done before it began. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int ring(void)
{
	unsigned short selector;

	__asm__("mov %%cs, %0" : "=r"(selector));
	return selector & 3;
}

static const char *try_open(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd < 0)
		return strerror(errno);
	close(fd);
	return "yes";
}

static const char *try_listen(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return bind(fd, (struct sockaddr *)&address, sizeof(address)) ? strerror(errno) : "yes";
}

static void show(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		printf("%s: %s\n", path, strerror(errno));
	else
		printf("%s: of %u:%u\n", path, status.st_uid, status.st_gid);
}

int main(void)
{
	struct passwd *user = getpwuid(getuid());
	char line[100] = "";
	FILE *shell;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ring %d\n", ring());
	printf("user %u:%u %s in %s\n", geteuid(), getegid(), user ? user->pw_name : "?", getenv("HOME"));
	printf("back to root: %s\n", setuid(0) ? strerror(errno) : "yes");
	show("/data");
	show("/run/who");
	show("/home/worker");
	printf("write /data/new: %s\n", try_open("/data/new", O_WRONLY | O_CREAT));
	printf("write /etc/new: %s\n", try_open("/etc/new", O_WRONLY | O_CREAT));
	printf("open /dev/stdout: %s\n", try_open("/dev/stdout", O_WRONLY));
	printf("port 80: %s\n", try_listen(80));
	shell = popen("id -u; cat /data/log", "r");
	while (shell && fgets(line, sizeof(line), shell))
		printf("shell says %s", line);
	return shell ? pclose(shell) : 1;
}
