// SPDX-License-Identifier: MIT
/* Starting the application. */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Gives up root, for good; the standard streams go along, which programs open again by name. */
static int become_user(const struct conf *conf)
{
	if (!conf->groups)
		return 0;
	for (int fd = 0; fd < 3; fd++)
		fchown(fd, conf->user, conf->groups[0]);
	return setgroups(conf->group_count, conf->groups) ||
	       setresgid(conf->groups[0], conf->groups[0], conf->groups[0]) ||
	       setresuid(conf->user, conf->user, conf->user);
}

/* In the child. Returns only when the program could not be started, with errno. */
static void become_program(const struct conf *conf, char *const args[], const struct stdio *io)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, NULL);
	setpgid(0, 0);
	/* A background process that takes the terminal for itself would be stopped by SIGTTOU. */
	if (io->terminal >= 0)
		tcsetpgrp(io->terminal, getpid());
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	if (dup2(io->in, 0) < 0 || dup2(io->out, 1) < 0 || dup2(io->err, 2) < 0)
		return;
	if (become_user(conf))
		return;
	if (conf->cwd && chdir(conf->cwd))
		return;
	execve(args[0], args, conf->env.items);
}

/* A sentence for a failed start; errno alone says too little about a missing loader. */
static const char *explain(const struct conf *conf, const char *program, int error)
{
	if (conf->cwd && access(conf->cwd, X_OK))
		return "its working directory is missing";
	if (error == ENOENT && !access(program, F_OK))
		return "its loader is missing from the image (a dynamically linked program?)";
	if (error == ENOEXEC)
		return "not a program that this kernel can run";
	if (error == EPERM)
		return "the kernel refuses it (the kernel's log says why)";
	return strerror(error);
}

/*
 * Starts the application, or what comes before it, and returns its process ID
 * when its exec has succeeded; the process group has the same ID. Otherwise reports the cause,
 * ends the machine with the status that shells use (127 not found, 126 not
 * executable) and does not return.
 */
pid_t program_start(const struct conf *conf, char *const args[], const struct stdio *io)
{
	int error = 0, failure[2];
	pid_t pid;

	/* The write end closes by itself when exec succeeds, so end of file means success. */
	if (pipe2(failure, O_CLOEXEC))
		fail(126, "Cannot start \"%s\": %s", args[0], strerror(errno));
	pid = fork();
	if (pid < 0)
		fail(126, "Cannot start \"%s\": %s", args[0], strerror(errno));
	if (pid == 0) {
		become_program(conf, args, io);
		error = errno;
		if (write(failure[1], &error, sizeof(error)) < 0)
			abort();
		_exit(127);
	}
	close(failure[1]);
	if (read(failure[0], &error, sizeof(error)) == sizeof(error))
		fail(error == ENOENT ? 127 : 126, "Cannot start \"%s\": %s", args[0],
		     explain(conf, args[0], error));
	close(failure[0]);
	return pid;
}
