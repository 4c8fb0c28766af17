// SPDX-License-Identifier: MIT
/*
 * The link to the program that started this machine: named ports of a
 * virtio-serial device. The host announces them with UKL_HOST=terminal or
 * UKL_HOST=pipes on the kernel's command line (the kernel hands such words to
 * us as environment). Without it the image was booted by hand and everything
 * happens on the kernel's console.
 *
 *   ukl.console  (terminal) a console port, /dev/hvc0: the application's terminal
 *   ukl.stdin, ukl.stdout, ukl.stderr  (pipes) the application's streams
 *   ukl.control  from the host: lines "signal N" for the application
 *   ukl.status   to the host: "started", "listening PORT", "error TEXT", "exit N",
 *                "signal N"; the last port of the device
 */
#include "init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#define PORTS_DIR "/sys/class/virtio-ports"
/* Of a host that is busy with other things: boots of a debug kernel were seen to take two minutes. */
#define PORTS_TIMEOUT_MS 180000

static int status_fd = -1;
static int control_fd = -1;

bool host_present(void)
{
	return status_fd >= 0;
}

/* Opens the port with the given name; -1 when there is none (yet). */
static int open_port(const char *name)
{
	DIR *dir = opendir(PORTS_DIR);
	struct dirent *entry;
	int fd = -1;

	while (dir && fd < 0 && (entry = readdir(dir))) {
		char path[64 + sizeof(entry->d_name)], text[64] = "";
		FILE *file;

		snprintf(path, sizeof(path), PORTS_DIR "/%s/name", entry->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fgets(text, sizeof(text), file)) {
			text[strcspn(text, "\n")] = '\0';
			if (!strcmp(text, name)) {
				snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
				fd = open(path, O_RDWR | O_CLOEXEC);
			}
		}
		fclose(file);
	}
	if (dir)
		closedir(dir);
	return fd;
}

/*
 * Waits for the status port. Names arrive from the host by messages that a
 * kernel worker handles port by port, each with an event. The status port is
 * the device's last one, so when it can be written, which needs its
 * "connected" message, all the others are named and connected.
 */
static bool wait_for_ports(void)
{
	int events = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct pollfd event = { .fd = events, .events = POLLIN };
	char message[4096];

	if (events < 0 || bind(events, (struct sockaddr *)&address, sizeof(address)))
		return false;
	while ((status_fd = open_port("ukl.status")) < 0) {
		if (poll(&event, 1, PORTS_TIMEOUT_MS) <= 0)
			break;
		if (recv(events, message, sizeof(message), 0) < 0 && errno != ENOBUFS)
			break;
	}
	close(events);

	struct pollfd writable = { .fd = status_fd, .events = POLLOUT };

	return status_fd >= 0 && poll(&writable, 1, PORTS_TIMEOUT_MS) == 1;
}

/* Connects to the host if it announced itself. False when it did and does not answer. */
bool host_connect(void)
{
	if (!getenv("UKL_HOST"))
		return true;
	if (!wait_for_ports())
		return false;
	control_fd = open_port("ukl.control");
	if (control_fd >= 0) {
		/* Nobody may be connected, which poll() reports all the time: ask for a signal instead. */
		fcntl(control_fd, F_SETOWN, getpid());
		fcntl(control_fd, F_SETFL, O_NONBLOCK | O_ASYNC);
	}
	return true;
}

/* Sends one line to the host; nothing when there is none. */
void host_status(const char *format, ...)
{
	char line[512];
	va_list args;
	int n;

	if (status_fd < 0)
		return;
	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	if (write(status_fd, line, n) != n)
		warning("cannot report to the host: %s", strerror(errno));
}

/* The next signal that the host asks for, or 0. Does not block. */
int host_control_signal(void)
{
	static char line[64];
	static size_t length;
	char c;

	while (control_fd >= 0 && read(control_fd, &c, 1) == 1) {
		if (c != '\n') {
			if (length < sizeof(line) - 1)
				line[length++] = c;
			continue;
		}
		line[length] = '\0';
		length = 0;

		int signal = !strncmp(line, "signal ", 7) ? atoi(line + 7) : 0;

		if (signal > 0 && signal < NSIG)
			return signal;
	}
	return 0;
}

/* In a child: copies until the end of file. */
static void __attribute__((noreturn)) relay(int from, int to)
{
	static char buffer[65536];
	ssize_t n, done, written;

	/* Only these two: an end of another relay's pipe kept open here would hide its end of file. */
	dup2(from, 0);
	dup2(to, 1);
	close_range(2, ~0U, 0);
	while ((n = read(0, buffer, sizeof(buffer))) > 0) {
		for (done = 0; done < n; done += written) {
			written = write(1, buffer + done, n - done);
			if (written < 0)
				_exit(1);
		}
	}
	_exit(0);
}

/*
 * A pipe that a child copies to or from a port. Real pipes rather than the
 * ports themselves, because a port can be opened by one process only, and
 * programs open /dev/stdout. Returns the application's end.
 */
static int open_relay(const char *port_name, bool input)
{
	int port = open_port(port_name), ends[2];
	sigset_t term;

	if (port < 0 || pipe2(ends, O_CLOEXEC))
		fail(1, "Cannot open \"%s\": %s", port_name, strerror(errno));
	if (fork() == 0) {
		if (!input)
			relay(ends[0], port);
		/* Input may stay silent for ever, so this one has to end when it is told to. */
		sigemptyset(&term);
		sigaddset(&term, SIGTERM);
		sigprocmask(SIG_UNBLOCK, &term, NULL);
		relay(port, ends[1]);
	}
	close(port);
	close(ends[input]);
	return ends[!input];
}

/* The host's terminal echoes and edits lines; this one passes bytes, but still knows end of file. */
static void set_clean_bytes(int fd)
{
	struct termios mode;

	if (tcgetattr(fd, &mode))
		return;
	mode.c_iflag &= ~(ICRNL | INLCR | IXON);
	mode.c_oflag &= ~OPOST;
	mode.c_lflag &= ~(ECHO | ECHOE | ECHOK | ECHONL | ECHOCTL | ECHOKE);
	tcsetattr(fd, TCSANOW, &mode);
}

/* The terminal behind /dev/console, which itself cannot be a controlling terminal. */
static int open_kernel_console(void)
{
	char name[64] = "", path[80];
	FILE *file = fopen("/sys/class/tty/console/active", "re");
	char *last;
	int fd;

	if (file && fgets(name, sizeof(name), file))
		name[strcspn(name, "\n")] = '\0';
	if (file)
		fclose(file);
	last = strrchr(name, ' ');
	snprintf(path, sizeof(path), "/dev/%s", last ? last + 1 : name);
	fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC) : fd;
}

/* Opens the streams, for as many starts of the application as the restart policy wants. */
void stdio_open(struct stdio *io)
{
	const char *mode = getenv("UKL_HOST");

	if (mode && !strcmp(mode, "pipes")) {
		io->terminal = -1;
		io->in = open_relay("ukl.stdin", true);
		io->out = open_relay("ukl.stdout", false);
		io->err = open_relay("ukl.stderr", false);
		return;
	}
	if (mode) {
		io->terminal = open("/dev/hvc0", O_RDWR | O_NOCTTY | O_CLOEXEC);
		set_clean_bytes(io->terminal);
	} else {
		io->terminal = open_kernel_console();
	}
	if (io->terminal < 0)
		fail(1, "Cannot open the console: %s", strerror(errno));
	/*
	 * The session is ours: the end of a session's leader hangs its terminal up,
	 * which throws the last output away. The application leads its foreground.
	 */
	setsid();
	ioctl(io->terminal, TIOCSCTTY, 0);
	io->in = io->out = io->err = io->terminal;
}

/* Drops our ends of the pipes: the relays then see when nobody else has one. */
void stdio_close(const struct stdio *io)
{
	if (io->terminal < 0) {
		close(io->in);
		close(io->out);
		close(io->err);
	}
}

/* Waits until the terminal has sent everything. */
void stdio_drain(const struct stdio *io)
{
	if (io->terminal >= 0)
		tcdrain(io->terminal);
}
