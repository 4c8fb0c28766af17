// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's interfaces of a few bytes: files that are written and read in one go. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ukl_test.h"

bool write_file(const char *path, const char *text)
{
	/* Without O_CREAT: the kernel has it, or it does not. */
	int fd = open(path, O_WRONLY | O_TRUNC);
	ssize_t size, written;
	int error;

	if (fd < 0)
		return false;
	size = (ssize_t)strlen(text);
	written = write(fd, text, (size_t)size);
	error = errno;
	close(fd);
	errno = error;
	return written == size;
}

int count_lines(const char *path, const char *part)
{
	FILE *file = fopen(path, "r");
	char line[1024];
	int count = 0;

	REQUIRE(file);
	while (fgets(line, sizeof(line), file))
		count += !!strstr(line, part);
	REQUIRE(!ferror(file));
	fclose(file);
	return count;
}

bool mount_kernel_files(const char *type, const char *directory)
{
	REQUIRE(mkdir(directory, 0755) == 0 || errno == EEXIST);
	if (mount(type, directory, type, 0, NULL) == 0)
		return true;
	REQUIRE(errno == ENODEV || errno == EPERM || errno == EBUSY);
	return errno == EBUSY;
}
