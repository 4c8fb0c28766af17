// SPDX-License-Identifier: MIT
/* The life of the machine, from the first process to power-off. */
#include "init.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONFIGURATION "/etc/ukl/init.conf"
#define LAST_WORDS_SECONDS 2
#define PORT_LOOK_NANOSECONDS 20000000

static struct conf conf;
static struct stdio streams;

/* Our standard error is the kernel's console, so this ends up in the kernel's log file on the host. */
void warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("init: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

/* Writes everything to the disks and switches the machine off. */
static void __attribute__((noreturn)) power_off(void)
{
	sync();
	unmount_volumes(&conf);
	/* Without ACPI Linux would halt for ever; a machine that may not restart (QEMU's -no-reboot) ends instead. */
	if ((getenv("UKL_HOST") || getenv("UKL_NO_REBOOT")) && access("/sys/firmware/acpi", F_OK))
		reboot(RB_AUTOBOOT);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* Ends the machine because the application cannot be run. */
void fail(int status, const char *format, ...)
{
	char text[384];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	warning("%s", text);
	host_status("error %s", text);
	host_status("exit %d", status);
	power_off();
}

/* The signals that we wait for stay blocked, so that none is lost between two waits. */
static sigset_t block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGIO);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGPWR);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return set;
}

/* Adds what every program expects to the environment, unless the configuration has it. */
static void complete_environment(struct list *env)
{
	static char *defaults[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/root", "TERM=dumb" };

	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		size_t name = strcspn(defaults[i], "=") + 1, k = 0;

		while (k < env->count && strncmp(env->items[k], defaults[i], name))
			k++;
		if (k == env->count)
			list_push(env, defaults[i]);
	}
}

/* Reaps what has ended. True when the application was among them. */
static bool reap(pid_t application, int *status)
{
	bool ended = false;
	int child_status;
	pid_t pid;

	while ((pid = waitpid(-1, &child_status, WNOHANG)) > 0) {
		if (pid == application) {
			*status = child_status;
			ended = true;
		}
	}
	return ended;
}

/* Reports each port that the application has begun to listen on. Returns how many are still to come. */
static size_t report_ports(void)
{
	size_t waiting = 0;

	for (size_t i = 0; i < conf.port_count; i++) {
		if (network_listens(conf.ports[i]))
			host_status("listening %d", conf.ports[i]);
		else
			conf.ports[waiting++] = conf.ports[i];
	}
	conf.port_count = waiting;
	return waiting;
}

/* Passes signals from the host on, and returns the application's wait status. */
static int supervise(pid_t application, const sigset_t *signals)
{
	/* No event tells of a socket that begins to listen; the first moments of a server are worth a look. */
	const struct timespec soon = { .tv_nsec = PORT_LOOK_NANOSECONDS };
	int status = 0, wanted;

	for (;;) {
		/* Before the first wait too: the host may have spoken before we asked to be told. */
		while ((wanted = host_control_signal()))
			kill(-application, wanted);

		int signal = report_ports() ? sigtimedwait(signals, NULL, &soon) : sigwaitinfo(signals, NULL);

		if (signal == SIGCHLD && reap(application, &status))
			return status;
		if (signal == SIGTERM || signal == SIGINT)
			kill(-application, signal);
		if (signal == SIGPWR)
			kill(-application, SIGTERM);
	}
}

/*
 * Ends the processes that the application left behind. The relays of its
 * output block SIGTERM, and end when nobody can write to them any more.
 */
static void end_all(const sigset_t *signals)
{
	struct timespec limit = { .tv_sec = LAST_WORDS_SECONDS };
	int status;
	pid_t pid;

	kill(-1, SIGTERM);
	for (;;) {
		/* All that have ended: several have one signal when they end together. */
		do
			pid = waitpid(-1, &status, WNOHANG);
		while (pid > 0);
		if (pid < 0 && errno == ECHILD)
			return;
		/* Each ending child restarts the limit: progress is being made. */
		if (sigtimedwait(signals, NULL, &limit) < 0 && errno == EAGAIN)
			break;
	}
	kill(-1, SIGKILL);
	while (waitpid(-1, &status, 0) > 0)
		;
}

static bool wants_restart(int status)
{
	return conf.restart == RESTART_ALWAYS || (conf.restart == RESTART_ON_FAILURE && status != 0);
}

/* Without a host to tell, whoever looks at the console gets the answer there. */
static void report(int status)
{
	if (WIFSIGNALED(status)) {
		host_status("signal %d", WTERMSIG(status));
		if (!host_present())
			warning("%s was ended by signal %d (%s)", conf.program, WTERMSIG(status),
				strsignal(WTERMSIG(status)));
	} else {
		host_status("exit %d", WEXITSTATUS(status));
		if (!host_present())
			warning("%s ended with status %d", conf.program, WEXITSTATUS(status));
	}
}

/* Runs what has to be done before the program starts. The wait status of the first that fails, or 0. */
static int run_setup(const sigset_t *signals)
{
	for (size_t i = 0; i < conf.setup_count; i++) {
		const struct setup *setup = &conf.setups[i];
		int status;

		if (setup->unless[0] && !access(setup->unless, F_OK))
			continue;
		status = supervise(program_start(&conf, setup->args.items, &streams), signals);
		if (status) {
			warning("%s failed, which runs before %s", setup->args.items[0], conf.program);
			return status;
		}
	}
	return 0;
}

int main(void)
{
	sigset_t signals = block_signals();
	int status;

	mount_system();
	if (!host_connect())
		warning("the host's ports did not appear");
	conf_load(&conf, CONFIGURATION);
	conf_append_command_line(&conf);
	complete_environment(&conf.env);
	if (conf.hostname && sethostname(conf.hostname, strlen(conf.hostname)))
		warning("cannot set the host name: %s", strerror(errno));
	network_start(&conf);
	mount_volumes(&conf);
	own_directories(&conf);
	stdio_open(&streams);

	do {
		status = run_setup(&signals);
		if (status)
			break;

		pid_t application = program_start(&conf, conf.args.items, &streams);

		host_status("started");
		status = supervise(application, &signals);
	} while (wants_restart(status));

	stdio_close(&streams);
	end_all(&signals);
	stdio_drain(&streams);
	report(status);
	power_off();
}
