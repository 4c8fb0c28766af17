/* SPDX-License-Identifier: MIT */
/* TCP echo servers that do without a system call for each step. Both serve until they are ended. */
#ifndef ECHO_H
#define ECHO_H

#include <stddef.h>

void serve_by_uring(int listener) __attribute__((noreturn));
void serve_by_sockmap(int listener) __attribute__((noreturn));

/* The result of a call that has to succeed, with errno or as a negative error number. */
long check(long result, const char *what);

#endif
