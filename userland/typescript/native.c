// SPDX-License-Identifier: MIT
/*
 * The module "ukl:native": sockets, epoll, signals, and the few calls of files
 * and text that QuickJS's "std" and "os" lack. As there, a function that fails
 * returns a negative errno; only wrong arguments throw. native.d.ts describes it.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "native.h"

#define EVENTS_AT_ONCE	256

/* The linker's: what esbuild wrote beside the program. */
extern const char ukl_source_map[];

static int argument_count;
static char **arguments;
static JSValue rejection_handler;

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static JSValue result_of(JSContext *ctx, long result)
{
	return JS_NewInt64(ctx, result < 0 ? -errno : result);
}

/* Reads argument INDEX as an int. Returns 0, or -1 with an exception. */
static int to_int(JSContext *ctx, JSValueConst *argv, int index, int *value)
{
	return JS_ToInt32(ctx, value, argv[index]);
}

/* The bytes of a typed array, and how many they are; NULL with an exception when it is none. */
static uint8_t *to_bytes(JSContext *ctx, JSValueConst value, size_t *size)
{
	size_t offset, whole;
	JSValue buffer = JS_GetTypedArrayBuffer(ctx, value, &offset, size, NULL);
	uint8_t *bytes;

	if (JS_IsException(buffer))
		return NULL;
	bytes = JS_GetArrayBuffer(ctx, &whole, buffer);
	/* The array that the caller holds keeps it. */
	JS_FreeValue(ctx, buffer);
	return bytes ? bytes + offset : NULL;
}

/* Makes an address of its text and a port. Returns its size, or 0 when it is none. */
static socklen_t parse_address(const char *host, int port, union address *address)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = htons((uint16_t)port);
		return sizeof(address->v4);
	}
	if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1) {
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons((uint16_t)port);
		return sizeof(address->v6);
	}
	return 0;
}

/* Reads host and port of the first two arguments. Returns the address's size, 0 with an exception. */
static socklen_t to_address(JSContext *ctx, JSValueConst *argv, union address *address)
{
	const char *host = JS_ToCString(ctx, argv[0]);
	socklen_t size;
	int port;

	if (!host)
		return 0;
	if (to_int(ctx, argv, 1, &port) < 0) {
		JS_FreeCString(ctx, host);
		return 0;
	}
	size = parse_address(host, port, address);
	if (size == 0)
		JS_ThrowTypeError(ctx, "\"%s\" is not an address", host);
	JS_FreeCString(ctx, host);
	return size;
}

static int make_socket(const union address *address)
{
	return socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Programs write whole messages: what is written is to be sent. */
static void send_at_once(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* Closes what could not be made ready, and keeps the reason. */
static JSValue give_up(JSContext *ctx, int fd)
{
	int reason = errno;

	close(fd);
	return JS_NewInt32(ctx, -reason);
}

static JSValue native_listen(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	union address address;
	socklen_t size = to_address(ctx, argv, &address);
	int backlog, fd, on = 1;

	if (size == 0 || to_int(ctx, argv, 2, &backlog) < 0)
		return JS_EXCEPTION;
	fd = make_socket(&address);
	if (fd < 0)
		return result_of(ctx, -1);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, &address.any, size) < 0 || listen(fd, backlog) < 0)
		return give_up(ctx, fd);
	return JS_NewInt32(ctx, fd);
}

static JSValue native_connect(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	union address address;
	socklen_t size = to_address(ctx, argv, &address);
	int fd;

	if (size == 0)
		return JS_EXCEPTION;
	fd = make_socket(&address);
	if (fd < 0)
		return result_of(ctx, -1);
	if (connect(fd, &address.any, size) < 0 && errno != EINPROGRESS)
		return give_up(ctx, fd);
	send_at_once(fd);
	return JS_NewInt32(ctx, fd);
}

static JSValue native_accept(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	int fd;

	if (to_int(ctx, argv, 0, &fd) < 0)
		return JS_EXCEPTION;
	fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		send_at_once(fd);
	return result_of(ctx, fd);
}

/* What became of a connect that was in progress. */
static JSValue native_socket_error(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	int fd, error = 0;
	socklen_t size = sizeof(error);

	if (to_int(ctx, argv, 0, &fd) < 0)
		return JS_EXCEPTION;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return result_of(ctx, -1);
	return JS_NewInt32(ctx, -error);
}

static JSValue native_receive(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	size_t size;
	uint8_t *bytes;
	int fd;

	if (to_int(ctx, argv, 0, &fd) < 0)
		return JS_EXCEPTION;
	bytes = to_bytes(ctx, argv[1], &size);
	if (!bytes)
		return JS_EXCEPTION;
	return result_of(ctx, recv(fd, bytes, size, 0));
}

static JSValue native_send(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	uint32_t offset;
	uint8_t *bytes;
	size_t size;
	int fd;

	if (to_int(ctx, argv, 0, &fd) < 0 || JS_ToUint32(ctx, &offset, argv[2]) < 0)
		return JS_EXCEPTION;
	bytes = to_bytes(ctx, argv[1], &size);
	if (!bytes)
		return JS_EXCEPTION;
	if (offset > size)
		return JS_ThrowRangeError(ctx, "the offset is behind the end");
	return result_of(ctx, send(fd, bytes + offset, size - offset, MSG_NOSIGNAL));
}

/* Says that nothing more will be sent. */
static JSValue native_shutdown(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	int fd;

	if (to_int(ctx, argv, 0, &fd) < 0)
		return JS_EXCEPTION;
	return result_of(ctx, shutdown(fd, SHUT_WR));
}

static JSValue native_address(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	union address address = { 0 };
	socklen_t size = sizeof(address);
	char host[INET6_ADDRSTRLEN] = "";
	JSValue pair;
	int fd, v4;

	if (to_int(ctx, argv, 0, &fd) < 0)
		return JS_EXCEPTION;
	if ((JS_ToBool(ctx, argv[1]) ? getpeername : getsockname)(fd, &address.any, &size) < 0)
		return result_of(ctx, -1);
	v4 = address.any.sa_family == AF_INET;
	if (v4)
		inet_ntop(AF_INET, &address.v4.sin_addr, host, sizeof(host));
	else
		inet_ntop(AF_INET6, &address.v6.sin6_addr, host, sizeof(host));
	pair = JS_NewArray(ctx);
	if (JS_IsException(pair))
		return pair;
	JS_DefinePropertyValueUint32(ctx, pair, 0, JS_NewString(ctx, host), JS_PROP_C_W_E);
	JS_DefinePropertyValueUint32(ctx, pair, 1,
				     JS_NewInt32(ctx, ntohs(v4 ? address.v4.sin_port : address.v6.sin6_port)),
				     JS_PROP_C_W_E);
	return pair;
}

/* The addresses of a host, as text; or why there are none, as text too. */
static JSValue native_resolve(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	const char *host = JS_ToCString(ctx, argv[0]);
	struct addrinfo *found, *each;
	JSValue list;
	uint32_t count = 0;
	int failure;

	if (!host)
		return JS_EXCEPTION;
	failure = getaddrinfo(host, NULL, &hints, &found);
	JS_FreeCString(ctx, host);
	if (failure != 0)
		return JS_NewString(ctx, gai_strerror(failure));
	list = JS_NewArray(ctx);
	for (each = found; each && !JS_IsException(list); each = each->ai_next) {
		char text[NI_MAXHOST];

		if (getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) == 0)
			JS_DefinePropertyValueUint32(ctx, list, count++, JS_NewString(ctx, text), JS_PROP_C_W_E);
	}
	freeaddrinfo(found);
	return list;
}

static JSValue native_open_poll(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	return result_of(ctx, epoll_create1(EPOLL_CLOEXEC));
}

/* By edges: whoever waits has tried before, and tries again. So one call for each connection is enough. */
static JSValue native_watch(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };
	int poll, fd;

	if (to_int(ctx, argv, 0, &poll) < 0 || to_int(ctx, argv, 1, &fd) < 0)
		return JS_EXCEPTION;
	event.data.fd = fd;
	return result_of(ctx, epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event));
}

/* What has happened, without waiting: [fd, 1 to read | 2 to write, fd, …] */
static JSValue native_take_events(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	JSValue list;
	int poll, count;

	if (to_int(ctx, argv, 0, &poll) < 0)
		return JS_EXCEPTION;
	count = epoll_wait(poll, events, EVENTS_AT_ONCE, 0);
	list = JS_NewArray(ctx);
	for (int i = 0; i < count && !JS_IsException(list); i++) {
		uint32_t happened = events[i].events;
		int over = (happened & (EPOLLERR | EPOLLHUP)) != 0;
		int ways = (over || happened & (EPOLLIN | EPOLLRDHUP) ? 1 : 0) | (over || happened & EPOLLOUT ? 2 : 0);

		JS_DefinePropertyValueUint32(ctx, list, 2 * i, JS_NewInt32(ctx, events[i].data.fd), JS_PROP_C_W_E);
		JS_DefinePropertyValueUint32(ctx, list, 2 * i + 1, JS_NewInt32(ctx, ways), JS_PROP_C_W_E);
	}
	return list;
}

/* Has a signal wait to be read instead of doing what it does. Argument 0: what this returned before, or -1. */
static JSValue native_catch_signal(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	static sigset_t caught;
	int fd, number;

	if (to_int(ctx, argv, 0, &fd) < 0 || to_int(ctx, argv, 1, &number) < 0)
		return JS_EXCEPTION;
	if (sigaddset(&caught, number) < 0 || sigprocmask(SIG_BLOCK, &caught, NULL) < 0)
		return result_of(ctx, -1);
	return result_of(ctx, signalfd(fd, &caught, SFD_NONBLOCK | SFD_CLOEXEC));
}

static JSValue native_take_signal(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	struct signalfd_siginfo info;
	int fd;

	if (to_int(ctx, argv, 0, &fd) < 0)
		return JS_EXCEPTION;
	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return result_of(ctx, -1);
	return JS_NewInt32(ctx, (int)info.ssi_signo);
}

static JSValue native_sync(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	int fd;

	if (to_int(ctx, argv, 0, &fd) < 0)
		return JS_EXCEPTION;
	return result_of(ctx, fsync(fd));
}

static JSValue native_encode(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	size_t size;
	const char *text = JS_ToCStringLen(ctx, &size, argv[0]);
	JSValue buffer;

	if (!text)
		return JS_EXCEPTION;
	buffer = JS_NewArrayBufferCopy(ctx, (const uint8_t *)text, size);
	JS_FreeCString(ctx, text);
	return buffer;
}

static JSValue native_decode(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	size_t size;
	uint8_t *bytes = to_bytes(ctx, argv[0], &size);

	return bytes ? JS_NewStringLen(ctx, (const char *)bytes, size) : JS_EXCEPTION;
}

/* 98 → "EADDRINUSE" */
static JSValue native_error_name(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	const char *name;
	int number;

	if (to_int(ctx, argv, 0, &number) < 0)
		return JS_EXCEPTION;
	name = strerrorname_np(number);
	return JS_NewString(ctx, name ? name : "UNKNOWN");
}

static JSValue native_arguments(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	JSValue list = JS_NewArray(ctx);

	for (int i = 1; i < argument_count && !JS_IsException(list); i++)
		JS_DefinePropertyValueUint32(ctx, list, i - 1, JS_NewString(ctx, arguments[i]), JS_PROP_C_W_E);
	return list;
}

static JSValue native_source_map(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	return JS_NewString(ctx, ukl_source_map);
}

static JSValue native_on_rejection(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	JS_FreeValue(ctx, rejection_handler);
	rejection_handler = JS_DupValue(ctx, argv[0]);
	return JS_UNDEFINED;
}

static void track_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason,
			    JS_BOOL is_handled, void *opaque)
{
	JSValueConst args[] = { promise, reason, JS_NewBool(ctx, is_handled) };

	if (JS_IsFunction(ctx, rejection_handler))
		JS_FreeValue(ctx, JS_Call(ctx, rejection_handler, JS_UNDEFINED, 3, args));
}

static const JSCFunctionListEntry functions[] = {
	JS_CFUNC_DEF("listen", 3, native_listen),
	JS_CFUNC_DEF("connect", 2, native_connect),
	JS_CFUNC_DEF("accept", 1, native_accept),
	JS_CFUNC_DEF("socketError", 1, native_socket_error),
	JS_CFUNC_DEF("receive", 2, native_receive),
	JS_CFUNC_DEF("send", 3, native_send),
	JS_CFUNC_DEF("shutdown", 1, native_shutdown),
	JS_CFUNC_DEF("address", 2, native_address),
	JS_CFUNC_DEF("resolve", 1, native_resolve),
	JS_CFUNC_DEF("openPoll", 0, native_open_poll),
	JS_CFUNC_DEF("watch", 2, native_watch),
	JS_CFUNC_DEF("takeEvents", 1, native_take_events),
	JS_CFUNC_DEF("catchSignal", 2, native_catch_signal),
	JS_CFUNC_DEF("takeSignal", 1, native_take_signal),
	JS_CFUNC_DEF("sync", 1, native_sync),
	JS_CFUNC_DEF("encode", 1, native_encode),
	JS_CFUNC_DEF("decode", 1, native_decode),
	JS_CFUNC_DEF("errorName", 1, native_error_name),
	JS_CFUNC_DEF("programArguments", 0, native_arguments),
	JS_CFUNC_DEF("sourceMap", 0, native_source_map),
	JS_CFUNC_DEF("onRejection", 1, native_on_rejection),
	JS_PROP_INT32_DEF("EAGAIN", EAGAIN, 0),
	JS_PROP_INT32_DEF("EBADF", EBADF, 0),
	JS_PROP_INT32_DEF("ECONNABORTED", ECONNABORTED, 0),
	JS_PROP_INT32_DEF("EINTR", EINTR, 0),
	JS_PROP_INT32_DEF("ENOENT", ENOENT, 0),
	JS_PROP_INT32_DEF("ETIMEDOUT", ETIMEDOUT, 0),
	JS_PROP_INT32_DEF("SIGHUP", SIGHUP, 0),
	JS_PROP_INT32_DEF("SIGINT", SIGINT, 0),
	JS_PROP_INT32_DEF("SIGTERM", SIGTERM, 0),
	JS_PROP_INT32_DEF("SIGUSR1", SIGUSR1, 0),
	JS_PROP_INT32_DEF("SIGUSR2", SIGUSR2, 0),
};

static int fill_module(JSContext *ctx, JSModuleDef *module)
{
	return JS_SetModuleExportList(ctx, module, functions, sizeof(functions) / sizeof(functions[0]));
}

JSModuleDef *js_init_module_ukl_native(JSContext *ctx, const char *name)
{
	JSModuleDef *module = JS_NewCModule(ctx, name, fill_module);

	if (module)
		JS_AddModuleExportList(ctx, module, functions, sizeof(functions) / sizeof(functions[0]));
	return module;
}

void ukl_native_start(JSContext *ctx, int argc, char **argv)
{
	rejection_handler = JS_UNDEFINED;
	argument_count = argc;
	arguments = argv;
	JS_SetHostPromiseRejectionTracker(JS_GetRuntime(ctx), track_rejection, NULL);
}
