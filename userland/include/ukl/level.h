/* SPDX-License-Identifier: MIT */
/*
 * Chooses at run time how the system calls of this process enter the kernel, for
 * who wants to measure a region of a program at another level. A program that
 * never calls this runs at the level that it was started at (ukl run --level).
 */
#ifndef UKL_LEVEL_H
#define UKL_LEVEL_H

#include <errno.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#ifdef __cplusplus
extern "C" {
#endif

enum ukl_level {
	UKL_BASE,	/* all of kernel entry and exit, every time */
	UKL_BYPASS,	/* only the part of it that is due */
	UKL_SHORTCUT,	/* and TCP and epoll_wait without the layers above them */
};

/* Where __ukl_syscall goes. In the start object; read-only, and hidden behind this header. */
extern uint64_t ukl_syscall_slot;

/**
 * ukl_set_level - let the system calls of this process enter the kernel so
 * @level: from now on, for all threads and for the children that are forked
 *
 * Costs two system calls. Not for use in a signal handler, nor in two threads at
 * once: the slot is writable in between. A program that is linked to fixed
 * addresses of the kernel (form "linked") does not ask the slot, so nothing changes
 * for it.
 *
 * Return: 0, or -1 with errno
 *   ENOTSUP  the process is in ring 3, or the kernel has no such entry
 *   EINVAL   @level is none
 */
static inline int ukl_set_level(enum ukl_level level)
{
	/* struct ukl_vector of the kernel's Documentation/arch/x86/ukl.rst. */
	const struct vector {
		uint32_t version;
		uint32_t size;
		uint64_t entries[3];
	} *vector = (const struct vector *)getauxval(0x554b4c);
	const uint64_t page = 4096;
	void *start = (void *)((uintptr_t)&ukl_syscall_slot & -page);

	if (level < UKL_BASE || level > UKL_SHORTCUT) {
		errno = EINVAL;
		return -1;
	}
	if (!vector || vector->version != 1 ||
	    vector->size < (uintptr_t)&vector->entries[level + 1] - (uintptr_t)vector ||
	    !vector->entries[level]) {
		errno = ENOTSUP;
		return -1;
	}
	if (mprotect(start, page, PROT_READ | PROT_WRITE))
		return -1;
	__atomic_store_n(&ukl_syscall_slot, vector->entries[level], __ATOMIC_RELEASE);
	return mprotect(start, page, PROT_READ);
}

#ifdef __cplusplus
}
#endif

#endif /* UKL_LEVEL_H */
