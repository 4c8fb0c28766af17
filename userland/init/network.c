// SPDX-License-Identifier: MIT
/* Loopback and one static IPv4 interface, by the ioctls that need no library. */
#include "init.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/stat.h>
#include <unistd.h>

#define INTERFACE "eth0"

static struct sockaddr make_address(in_addr_t address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = address };
	struct sockaddr generic;

	memcpy(&generic, &in, sizeof(generic));
	return generic;
}

static int interface_up(int fd, const char *name)
{
	struct ifreq request = { 0 };

	strcpy(request.ifr_name, name);
	if (ioctl(fd, SIOCGIFFLAGS, &request))
		return -1;
	request.ifr_flags |= IFF_UP | IFF_RUNNING;
	return ioctl(fd, SIOCSIFFLAGS, &request);
}

/* Gives the interface "a.b.c.d/prefix". Returns 0, or -1 with errno. */
static int set_address(int fd, const char *address)
{
	struct ifreq request = { .ifr_name = INTERFACE };
	char text[INET_ADDRSTRLEN + 1] = "";
	const char *slash = strchr(address, '/');
	int prefix = slash ? atoi(slash + 1) : 24;
	struct in_addr in;

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(address, "/"), address);
	if (!inet_aton(text, &in) || prefix < 1 || prefix > 32) {
		errno = EINVAL;
		return -1;
	}
	request.ifr_addr = make_address(in.s_addr);
	if (ioctl(fd, SIOCSIFADDR, &request))
		return -1;
	request.ifr_netmask = make_address(htonl(0xffffffffu << (32 - prefix)));
	return ioctl(fd, SIOCSIFNETMASK, &request);
}

static int set_gateway(int fd, const char *gateway)
{
	struct rtentry route = {
		.rt_dst = make_address(INADDR_ANY),
		.rt_genmask = make_address(INADDR_ANY),
		.rt_gateway = make_address(inet_addr(gateway)),
		.rt_flags = RTF_UP | RTF_GATEWAY,
		.rt_dev = INTERFACE,
	};

	return ioctl(fd, SIOCADDRT, &route);
}

/*
 * Makes the gateway know our hardware address. It may be a program (passt) that
 * learns it from our first frame and cannot forward a connection to us before
 * that. The connection is of no other use: a refusal is as good an answer.
 */
static void greet_gateway(const char *gateway)
{
	const struct timeval limit = { .tv_sec = 1 };
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(1),
		.sin_addr.s_addr = inet_addr(gateway),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	connect(fd, (const struct sockaddr *)&address, sizeof(address));
	close(fd);
}

static void write_text(const char *path, const char *format, const char *value)
{
	FILE *file = fopen(path, "we");

	if (!file) {
		warning("cannot write %s: %s", path, strerror(errno));
		return;
	}
	fprintf(file, format, value);
	fclose(file);
}

/*
 * Brings up loopback and, when the configuration has an address, the first
 * network card. A machine without a card is no error: the image may run with
 * and without one.
 */
void network_start(const struct conf *conf)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (interface_up(fd, "lo"))
		warning("cannot bring up lo: %s", strerror(errno));
	if (conf->net_address && if_nametoindex(INTERFACE)) {
		if (set_address(fd, conf->net_address) || interface_up(fd, INTERFACE))
			warning("cannot give " INTERFACE " the address %s: %s", conf->net_address,
				strerror(errno));
		else if (conf->net_gateway && set_gateway(fd, conf->net_gateway))
			warning("cannot route through %s: %s", conf->net_gateway, strerror(errno));
		else if (conf->net_gateway)
			greet_gateway(conf->net_gateway);
		if (conf->net_dns)
			write_text("/etc/resolv.conf", "nameserver %s\n", conf->net_dns);
	}
	close(fd);
	/* Nobody else is here from whom ports below 1024 would have to be kept. */
	if (conf->groups)
		write_text("/proc/sys/net/ipv4/ip_unprivileged_port_start", "%s\n", "0");
	if (access("/etc/hosts", F_OK))
		write_text("/etc/hosts", "127.0.0.1 localhost %s\n::1 localhost\n",
			   conf->hostname ? conf->hostname : "");
}

/* Is there a TCP socket that listens on the port, of whatever address? */
bool network_listens(int port)
{
	static const char * const tables[] = { "/proc/net/tcp", "/proc/net/tcp6" };
	char line[256];
	bool found = false;

	for (size_t i = 0; i < 2 && !found; i++) {
		FILE *file = fopen(tables[i], "re");

		if (!file)
			continue;
		/* "  0: 0100007F:18EB 00000000:0000 0A ...": 0A is TCP_LISTEN. sscanf() would make us 120 KB larger. */
		while (!found && fgets(line, sizeof(line), file)) {
			strtok(line, " ");
			const char *local = strtok(NULL, " "), *remote = strtok(NULL, " ");
			const char *state = strtok(NULL, " "), *colon = local ? strchr(local, ':') : NULL;

			found = colon && remote && state && strtol(colon + 1, NULL, 16) == port &&
				!strcmp(state, "0A");
		}
		fclose(file);
	}
	return found;
}
