/* SPDX-License-Identifier: MIT */
/*
 * What an application may ask the kernel for by hand, at whatever level it was
 * started: the shortcuts of the level "shortcut", without the C library's part in
 * a system call. For the few calls that a program spends its time in; the rest
 * is the C library's.
 *
 * As an ordinary process, or on a kernel without shortcuts, the same functions
 * make the same system calls in the ordinary way, so one program serves for both.
 *
 * What it costs, in instructions on Linux 6.12 (notes/shortcut.md says how they
 * were counted), beside the C library's function at the levels base and shortcut,
 * 64 bytes over TCP within one process, and an event that is there:
 *
 *                 base  shortcut  by hand
 *   receive      5,678     5,309    5,301   with the ACK that it sends there
 *   send         6,077     5,959    5,952
 *   wait 100 ms    800       518      515
 *
 * The clock is not here: clock_gettime() reads it in 68, without entering the kernel.
 */
#ifndef UKL_KERNEL_H
#define UKL_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where __ukl_syscall goes. In the start object; read-only, and hidden behind this header. */
extern uint64_t ukl_syscall_slot;

/* The entry of the shortcuts, from ukl_find_kernel(); good for all threads, and after fork. */
struct ukl_kernel {
	uint64_t entry;
};

/**
 * ukl_find_kernel - find the entry of the shortcuts, or what stands in for it
 *
 * Makes no system call. To be called once; the result does not change.
 */
static inline struct ukl_kernel ukl_find_kernel(void)
{
	/* struct ukl_vector of the kernel's Documentation/arch/x86/ukl.rst. */
	const struct vector {
		uint32_t version;
		uint32_t size;
		uint64_t call, fast_call, shortcut_call;
	} *vector = (const struct vector *)getauxval(0x554b4c);
	struct ukl_kernel kernel = { ukl_syscall_slot };

	if (vector && vector->version == 1 && vector->size >= sizeof(*vector) &&
	    vector->shortcut_call)
		kernel.entry = vector->shortcut_call;
	return kernel;
}

/* The entry wants what SYSCALL wants, and overwrites the first eight bytes of a red zone. */
static inline long ukl_kernel_call(struct ukl_kernel kernel, long number, long first,
				   const volatile void *second, long third, long fourth)
{
	register long r10 __asm__("r10") = fourth;
	register long r8 __asm__("r8") = 0;
	register long r9 __asm__("r9") = 0;
	long result;

	__asm__ volatile("call *%[entry]"
			 : "=a"(result)
			 : "a"(number), "D"(first), "S"(second), "d"(third), "r"(r10), "r"(r8),
			   "r"(r9), [entry] "r"(kernel.entry)
			 : "rcx", "r11", "memory", "cc");
	return result;
}

/**
 * ukl_receive - receive from a socket
 * @kernel: from ukl_find_kernel()
 * @socket: of any kind; a TCP connection that has data takes the shortcut
 * @flags: as of recv(2); with one beyond MSG_DONTWAIT and MSG_NOSIGNAL, no shortcut
 *
 * As recv(2), but no cancellation point, and errno is left alone.
 *
 * Return: bytes received, 0 at the end, or an error as -EAGAIN
 */
static inline ssize_t ukl_receive(struct ukl_kernel kernel, int socket, void *buffer, size_t size,
				  int flags)
{
	return ukl_kernel_call(kernel, SYS_recvfrom, socket, buffer, (long)size, flags);
}

/**
 * ukl_send - send to a socket
 * @kernel: from ukl_find_kernel()
 * @socket: of any kind; a TCP connection takes the shortcut
 * @flags: as of send(2); with one beyond MSG_DONTWAIT, MSG_NOSIGNAL and MSG_MORE, no shortcut
 *
 * As send(2), SIGPIPE included, but no cancellation point, and errno is left alone.
 *
 * Return: bytes sent, or an error as -EPIPE
 */
static inline ssize_t ukl_send(struct ukl_kernel kernel, int socket, const void *buffer, size_t size,
			       int flags)
{
	return ukl_kernel_call(kernel, SYS_sendto, socket, buffer, (long)size, flags);
}

/**
 * ukl_wait - wait for events
 * @kernel: from ukl_find_kernel()
 * @epoll: from epoll_create1(2)
 * @timeout: in milliseconds, or -1
 *
 * As epoll_wait(2), but no cancellation point, and errno is left alone. With a
 * timeout above 0 there is a shortcut if an event is there.
 *
 * Return: the number of events, or an error as -EINTR
 */
static inline int ukl_wait(struct ukl_kernel kernel, int epoll, struct epoll_event *events, int count,
			   int timeout)
{
	return (int)ukl_kernel_call(kernel, SYS_epoll_wait, epoll, events, count, timeout);
}

#ifdef __cplusplus
}
#endif

#endif /* UKL_KERNEL_H */
