// SPDX-License-Identifier: GPL-2.0-only
/* The audit system records the system calls of a UKL process. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ukl_test.h"

/* A record is one line of text. */
struct message {
	struct nlmsghdr header;
	char payload[8192];
};

/* Receive a message of @type; others are about what else goes on. */
static void receive(int fd, struct message *message, int type)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	ssize_t size;

	do {
		REQUIRE(poll(&ready, 1, 30000) == 1);
		size = recv(fd, message, sizeof(*message) - 1, 0);
		REQUIRE(size >= (ssize_t)sizeof(message->header));
		((char *)message)[size] = '\0';
	} while (message->header.nlmsg_type != type);
}

/* Send a request. Return: 0 or the negated error. */
static int ask(int fd, int type, const void *data, size_t size)
{
	struct message message = {
		.header = {
			.nlmsg_len = NLMSG_LENGTH(size),
			.nlmsg_type = (unsigned short)type,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
	};

	memcpy(message.payload, data, size);
	REQUIRE(send(fd, &message, message.header.nlmsg_len, 0) ==
		(ssize_t)message.header.nlmsg_len);
	receive(fd, &message, NLMSG_ERROR);
	return ((struct nlmsgerr *)message.payload)->error;
}

static int enable_audit(int fd, unsigned int enabled)
{
	const struct audit_status status = {
		.mask = AUDIT_STATUS_ENABLED, .enabled = enabled,
	};

	return ask(fd, AUDIT_SET, &status, sizeof(status));
}

static void make_calls(void)
{
	syscall(SYS_getppid);
	syscall_by_instruction(SYS_getppid, 0, 0, 0);
}

/* Return: whether the message is the record of a call of getppid(2) by @pid that gave @result. */
static bool is_record(const struct message *message, pid_t pid, pid_t result)
{
	char call[64], process[32];

	snprintf(call, sizeof(call), "arch=c000003e syscall=%d success=yes exit=%d ",
		 SYS_getppid, result);
	snprintf(process, sizeof(process), " pid=%d ", pid);
	return strstr(message->payload, call) && strstr(message->payload, process);
}

TEST(system_calls_are_audited)
{
	struct audit_rule_data rule = {
		.flags = AUDIT_FILTER_EXIT, .action = AUDIT_ALWAYS,
		.mask = { [AUDIT_WORD(SYS_getppid)] = AUDIT_BIT(SYS_getppid) },
	};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);
	int records = socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);
	const struct sockaddr_nl log = {
		.nl_family = AF_NETLINK, .nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1),
	};
	int status, found = 0;
	struct message message;
	pid_t pid;

	if (fd < 0 || records < 0)
		SKIP("no audit");
	if (bind(records, (const struct sockaddr *)&log, sizeof(log)))
		SKIP("not allowed to read the audit log");
	REQUIRE(enable_audit(fd, 1) == 0);
	REQUIRE(ask(fd, AUDIT_ADD_RULE, &rule, sizeof(rule)) == 0);

	/* Audited is who has been started since it was enabled. */
	fflush(stdout);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		make_calls();
		_exit(0);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
	while (found < 2) {
		receive(records, &message, AUDIT_SYSCALL);
		found += is_record(&message, pid, getpid());
	}
	REQUIRE(ask(fd, AUDIT_DEL_RULE, &rule, sizeof(rule)) == 0);
	REQUIRE(enable_audit(fd, 0) == 0);
}
