// SPDX-License-Identifier: MIT
/* File systems: those that every program expects, and the volumes of this application. */
#include "init.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *type, *dir, *options;
	unsigned long flags;
	mode_t mode;
} system_mounts[] = {
	{ "proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC, 0755 },
	{ "sysfs", "/sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC, 0755 },
	{ "devtmpfs", "/dev", "mode=0755", MS_NOSUID, 0755 },
	{ "devpts", "/dev/pts", "gid=5,mode=0620,ptmxmode=0666", MS_NOSUID | MS_NOEXEC, 0755 },
	{ "tmpfs", "/dev/shm", "mode=1777", MS_NOSUID | MS_NODEV, 0755 },
	{ "tmpfs", "/tmp", "mode=1777", MS_NOSUID | MS_NODEV, 0755 },
	{ "tmpfs", "/run", "mode=0755", MS_NOSUID | MS_NODEV, 0755 },
};

static void make_directories(const char *path)
{
	char partial[4096];

	for (size_t i = 1; path[i - 1] && i < sizeof(partial); i++) {
		if (path[i] && path[i] != '/')
			continue;
		memcpy(partial, path, i);
		partial[i] = '\0';
		mkdir(partial, 0755);
	}
}

void mount_system(void)
{
	for (size_t i = 0; i < sizeof(system_mounts) / sizeof(system_mounts[0]); i++) {
		mkdir(system_mounts[i].dir, system_mounts[i].mode);
		/* Something may be compiled out of the kernel; the application may never miss it. */
		if (mount(system_mounts[i].type, system_mounts[i].dir, system_mounts[i].type,
			  system_mounts[i].flags, system_mounts[i].options))
			warning("cannot mount %s on %s: %s", system_mounts[i].type, system_mounts[i].dir,
				strerror(errno));
	}
	/* What shells and programs take for granted; devtmpfs does not make them. */
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
}

/* Splits "ro" from the options, which file systems refuse to see as text. Returns the mount flags. */
static unsigned long take_flags(char *options, char *data)
{
	unsigned long flags = MS_NOATIME;
	char *option;

	data[0] = '\0';
	while ((option = strsep(&options, ","))) {
		if (!strcmp(option, "ro")) {
			flags |= MS_RDONLY;
		} else if (strcmp(option, "rw") && strcmp(option, "-") && strcmp(option, "defaults")) {
			if (data[0])
				strcat(data, ",");
			strcat(data, option);
		}
	}
	return flags;
}

/* Mounts the application's volumes. One that fails is fatal: the data would go nowhere. */
void mount_volumes(const struct conf *conf)
{
	for (size_t i = 0; i < conf->mount_count; i++) {
		const struct mount_entry *entry = &conf->mounts[i];
		char *options = strdup(entry->options ? entry->options : "");
		char *data = malloc(strlen(options) + 1);
		unsigned long flags = take_flags(options, data);

		make_directories(entry->dir);
		if (mount(entry->source, entry->dir, entry->type, flags, data))
			fail(1, "Cannot mount %s \"%s\" on \"%s\": %s", entry->type, entry->source, entry->dir,
			     strerror(errno));
		free(options);
		free(data);
	}
}

/*
 * Gives the user the directories to write in. A host that refuses, or that
 * keeps its own owner, is not fatal: others may be allowed to write there.
 */
void own_directories(const struct conf *conf)
{
	for (size_t i = 0; i < conf->own.count; i++) {
		const char *dir = conf->own.items[i];
		struct stat status;

		make_directories(dir);
		if (!stat(dir, &status) && status.st_uid == conf->user)
			continue;
		if (chown(dir, conf->user, conf->groups[0]) || stat(dir, &status))
			warning("cannot give %s to the user %u: %s", dir, conf->user, strerror(errno));
		else if (status.st_uid != conf->user)
			warning("%s belongs to %u on the host, not to the user %u", dir, status.st_uid,
				conf->user);
	}
}

/* Unmounts in reverse order; a busy one is made read-only, so that its file system is clean all the same. */
void unmount_volumes(const struct conf *conf)
{
	for (size_t i = conf->mount_count; i-- > 0;) {
		const char *dir = conf->mounts[i].dir;

		if (umount(dir) && mount(NULL, dir, NULL, MS_REMOUNT | MS_RDONLY, NULL))
			warning("cannot unmount %s: %s", dir, strerror(errno));
	}
}
