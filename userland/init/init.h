/* SPDX-License-Identifier: MIT */
/*
 * /init of a Unikernel Linux image: an ordinary ring-3 program, PID 1, that
 * prepares the machine for one application, starts it, tells the host how it
 * ended, and powers off.
 */
#ifndef UKL_INIT_H
#define UKL_INIT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A growing array of pointers. items[count] is always NULL, so that it can be an argv. */
struct list {
	char **items;
	size_t count;
};

struct mount_entry {
	char *type;
	char *source;
	char *dir;
	char *options;
};

/* A command to be run before the program. */
struct setup {
	char *unless; /* not when there is this file; "" for always */
	struct list args;
};

enum restart_policy { RESTART_NEVER, RESTART_ON_FAILURE, RESTART_ALWAYS };

/* /etc/ukl/init.conf. Strings live as long as the process. */
struct conf {
	char *program;
	struct list args; /* argv, its first element is the program */
	struct list env;
	char *cwd;
	gid_t *groups; /* whose first is the user's own; NULL for root */
	size_t group_count;
	uid_t user;
	struct list own; /* directories of the user's */
	struct setup *setups;
	size_t setup_count;
	char *hostname;
	char *net_address; /* a.b.c.d/prefix, or NULL for no network but loopback */
	char *net_gateway;
	char *net_dns;
	struct mount_entry *mounts;
	size_t mount_count;
	enum restart_policy restart;
	int *ports; /* the host wants to know when the application listens on them */
	size_t port_count;
};

/* The application's standard streams. */
struct stdio {
	int in, out, err;
	int terminal; /* all three of them; -1 when they are pipes, copied from and to ports by children of ours */
};

/* conf.c */
void list_push(struct list *list, char *item);
void conf_load(struct conf *conf, const char *path);
void conf_append_command_line(struct conf *conf);

/* mount.c */
void mount_system(void);
void mount_volumes(const struct conf *conf);
void unmount_volumes(const struct conf *conf);
void own_directories(const struct conf *conf);

/* network.c */
void network_start(const struct conf *conf);
bool network_listens(int port);

/* host.c */
bool host_connect(void);
bool host_present(void);
void host_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
int host_control_signal(void);
void stdio_open(struct stdio *io);
void stdio_close(const struct stdio *io);
void stdio_drain(const struct stdio *io);

/* process.c */
pid_t program_start(const struct conf *conf, char *const args[], const struct stdio *io);

/* init.c */
void warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

#endif
