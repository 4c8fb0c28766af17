// SPDX-License-Identifier: MIT
/*
 * eBPF: a program in the kernel sends what a socket receives back by the same
 * socket, and the process is not woken. Here is only what accepts connections
 * and puts them into the map that the program looks in.
 */
#include "echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CONNECTIONS 64
#define EVENTS_AT_ONCE 64

/* As the program reads it from a socket: the address as in a packet, the port in the upper half. */
struct peer {
	uint32_t address;
	uint32_t port;
};

static int call_bpf(int command, union bpf_attr *attributes, const char *what)
{
	return check(syscall(SYS_bpf, command, attributes, sizeof(*attributes)), what);
}

static int create_map(void)
{
	union bpf_attr attributes = {
		.map_type = BPF_MAP_TYPE_SOCKHASH,
		.key_size = sizeof(struct peer),
		.value_size = sizeof(uint32_t),
		.max_entries = CONNECTIONS,
	};

	return call_bpf(BPF_MAP_CREATE, &attributes, "BPF_MAP_CREATE");
}

#define LOAD(to, from, offset) { .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = to, .src_reg = from, .off = offset }
#define STORE(to, offset, from) { .code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = to, .src_reg = from, .off = offset }
#define SET(to, value) { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = to, .imm = value }
#define COPY(to, from) { .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = to, .src_reg = from }
#define ADD(to, value) { .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = to, .imm = value }
/* Two instructions long. */
#define SET_MAP(to, map) { .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = to, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map }, { 0 }
#define CALL(function) { .code = BPF_JMP | BPF_CALL, .imm = function }
#define EXIT { .code = BPF_JMP | BPF_EXIT }

/* return bpf_sk_redirect_hash(skb, &map, &(struct peer){ skb->remote_ip4, skb->remote_port }, 0); */
static int load_program(int map)
{
	const struct bpf_insn program[] = {
		LOAD(BPF_REG_2, BPF_REG_1, offsetof(struct __sk_buff, remote_ip4)),
		STORE(BPF_REG_10, -8, BPF_REG_2),
		LOAD(BPF_REG_2, BPF_REG_1, offsetof(struct __sk_buff, remote_port)),
		STORE(BPF_REG_10, -4, BPF_REG_2),
		SET_MAP(BPF_REG_2, map),
		COPY(BPF_REG_3, BPF_REG_10),
		ADD(BPF_REG_3, -8),
		SET(BPF_REG_4, 0),
		CALL(BPF_FUNC_sk_redirect_hash),
		EXIT,
	};
	union bpf_attr attributes = {
		.prog_type = BPF_PROG_TYPE_SK_SKB,
		.expected_attach_type = BPF_SK_SKB_STREAM_VERDICT,
		.insns = (uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
		.license = (uintptr_t)"MIT",
	};

	return call_bpf(BPF_PROG_LOAD, &attributes, "BPF_PROG_LOAD");
}

static void attach(int map, int program)
{
	union bpf_attr attributes = {
		.target_fd = map,
		.attach_bpf_fd = program,
		.attach_type = BPF_SK_SKB_STREAM_VERDICT,
	};

	call_bpf(BPF_PROG_ATTACH, &attributes, "BPF_PROG_ATTACH");
}

static void add_socket(int map, int fd)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);

	check(getpeername(fd, (struct sockaddr *)&address, &size), "getpeername");

	const struct peer peer = { .address = address.sin_addr.s_addr, .port = (uint32_t)address.sin_port << 16 };
	union bpf_attr attributes = {
		.map_fd = map,
		.key = (uintptr_t)&peer,
		.value = (uintptr_t)&fd,
		.flags = BPF_ANY,
	};

	call_bpf(BPF_MAP_UPDATE_ELEM, &attributes, "BPF_MAP_UPDATE_ELEM");
}

/* Sends back what came before the program was there for the socket. */
static void send_back_early(int fd)
{
	char buffer[16384];
	ssize_t size;

	while ((size = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0)
		check(send(fd, buffer, size, MSG_NOSIGNAL), "send");
}

void serve_by_sockmap(int listener)
{
	struct epoll_event events[EVENTS_AT_ONCE], event = { .events = EPOLLIN, .data.fd = listener };
	int map = create_map();
	int epoll = check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");

	attach(map, load_program(map));
	check(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event), "epoll_ctl");
	for (;;) {
		int count = check(epoll_wait(epoll, events, EVENTS_AT_ONCE, -1), "epoll_wait");

		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;

			/* The end of a connection: the map forgets a socket that is closed. */
			if (fd != listener) {
				close(fd);
				continue;
			}
			fd = check(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept4");
			add_socket(map, fd);
			send_back_early(fd);
			event = (struct epoll_event){ .events = EPOLLRDHUP, .data.fd = fd };
			check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
		}
	}
}
