// SPDX-License-Identifier: MIT
/*
 * The configuration file: one "key value..." per line, fields separated by
 * blanks, bytes that would be taken for a separator written as \ooo, as in
 * fstab. "#" starts a comment at the beginning of a line.
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *allocate(void *old, size_t size)
{
	void *new = realloc(old, size);

	if (!new)
		fail(1, "Cannot prepare the application: out of memory");
	return new;
}

void list_push(struct list *list, char *item)
{
	list->items = allocate(list->items, (list->count + 2) * sizeof(char *));
	list->items[list->count++] = item;
	list->items[list->count] = NULL;
}

/* The whole file with a terminating zero; NULL and errno when it cannot be read. */
static char *read_file(const char *path)
{
	size_t size = 0, room = 4096;
	char *text = allocate(NULL, room);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return NULL;
	/* Files in /proc do not tell their size: read until the end. */
	while ((n = read(fd, text + size, room - size - 1)) > 0) {
		size += n;
		if (room - size < 2)
			text = allocate(text, room *= 2);
	}
	close(fd);
	text[size] = '\0';
	return n < 0 ? NULL : text;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && is_octal(s[1]) && is_octal(s[2]) && is_octal(s[3])) {
			*to++ = (s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0');
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* The next field of a line, decoded, or NULL at its end. An empty value is written "\000". */
static char *next_field(char **line)
{
	char *field = strsep(line, " \t");

	while (field && !*field)
		field = strsep(line, " \t");
	if (field)
		unescape(field);
	return field;
}

static void set_mount(struct conf *conf, char **line)
{
	struct mount_entry entry = {
		.type = next_field(line),
		.source = next_field(line),
		.dir = next_field(line),
		.options = next_field(line),
	};

	if (!entry.dir)
		fail(1, "Cannot read the image's configuration: \"mount\" needs a type, a source and a directory");
	conf->mounts = allocate(conf->mounts, (conf->mount_count + 1) * sizeof(entry));
	conf->mounts[conf->mount_count++] = entry;
}

/* "user ID GROUP..." */
static void set_user(struct conf *conf, const char *id, char **line)
{
	char *group;

	conf->user = atoi(id);
	while ((group = next_field(line))) {
		conf->groups = allocate(conf->groups, (conf->group_count + 1) * sizeof(gid_t));
		conf->groups[conf->group_count++] = atoi(group);
	}
	if (!conf->groups)
		fail(1, "Cannot read the image's configuration: \"user\" needs a group");
}

static void add_setup(struct conf *conf, char *unless)
{
	conf->setups = allocate(conf->setups, (conf->setup_count + 1) * sizeof(struct setup));
	conf->setups[conf->setup_count++] = (struct setup){ .unless = unless };
}

static void add_setup_arg(struct conf *conf, char *arg)
{
	if (!conf->setup_count)
		fail(1, "Cannot read the image's configuration: \"setup-arg\" without \"setup\"");
	list_push(&conf->setups[conf->setup_count - 1].args, arg);
}

static enum restart_policy parse_restart(const char *name)
{
	if (name && !strcmp(name, "always"))
		return RESTART_ALWAYS;
	if (name && !strcmp(name, "on-failure"))
		return RESTART_ON_FAILURE;
	return RESTART_NEVER;
}

static void parse_line(struct conf *conf, char *line)
{
	char *key = next_field(&line);

	if (!key || key[0] == '#')
		return;
	if (!strcmp(key, "mount")) {
		set_mount(conf, &line);
		return;
	}

	char *value = next_field(&line);

	if (!value)
		fail(1, "Cannot read the image's configuration: \"%s\" has no value", key);
	if (!strcmp(key, "program")) {
		conf->program = value;
	} else if (!strcmp(key, "arg")) {
		list_push(&conf->args, value);
	} else if (!strcmp(key, "env")) {
		list_push(&conf->env, value);
	} else if (!strcmp(key, "cwd")) {
		conf->cwd = value;
	} else if (!strcmp(key, "user")) {
		set_user(conf, value, &line);
	} else if (!strcmp(key, "own")) {
		list_push(&conf->own, value);
	} else if (!strcmp(key, "setup")) {
		add_setup(conf, value);
	} else if (!strcmp(key, "setup-arg")) {
		add_setup_arg(conf, value);
	} else if (!strcmp(key, "hostname")) {
		conf->hostname = value;
	} else if (!strcmp(key, "restart")) {
		conf->restart = parse_restart(value);
	} else if (!strcmp(key, "listen")) {
		conf->ports = allocate(conf->ports, (conf->port_count + 1) * sizeof(int));
		conf->ports[conf->port_count++] = atoi(value);
	} else if (!strcmp(key, "net")) {
		conf->net_address = value;
		conf->net_gateway = next_field(&line);
		conf->net_dns = next_field(&line);
	} else {
		warning("unknown key \"%s\" in the image's configuration", key);
	}
}

void conf_load(struct conf *conf, const char *path)
{
	char *text = read_file(path);
	char *line;

	if (!text)
		fail(1, "Cannot read \"%s\": %s", path, strerror(errno));
	list_push(&conf->args, NULL);
	while ((line = strsep(&text, "\n")))
		parse_line(conf, line);
	if (!conf->program)
		fail(1, "Cannot start the application: \"%s\" names no program", path);
	conf->args.items[0] = conf->program;
}

/*
 * Appends what follows "--" on the kernel's command line to the application's
 * arguments. Our own argv is of no use for that: the kernel puts words that it
 * does not know ("nokaslr" is one) in front of them, with nothing in between.
 */
void conf_append_command_line(struct conf *conf)
{
	char *text = read_file("/proc/cmdline");
	bool ours = false;

	if (!text)
		return;
	text[strcspn(text, "\n")] = '\0';
	while (*text) {
		char *word = text, *to = text;
		bool quoted = false;

		/* As the kernel's next_arg(): double quotes group, and vanish. */
		for (; *text && (quoted || *text != ' '); text++) {
			if (*text == '"')
				quoted = !quoted;
			else
				*to++ = *text;
		}
		while (*text == ' ')
			text++;
		/* *to may be the blank just passed, never a byte still to be read. */
		*to = '\0';
		if (ours)
			list_push(&conf->args, word);
		else if (!strcmp(word, "--"))
			ours = true;
	}
}
