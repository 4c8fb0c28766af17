/* SPDX-License-Identifier: MIT */
/*
 * Takes the place of glibc's elf/dl-open.o in libc.a: loading a shared library
 * always fails, as any other error of dlopen does.
 *
 * A static glibc would load them, together with the shared libc that they need,
 * into the same process: two C libraries with one thread pointer. It would do
 * so unasked for a name service in /etc/nsswitch.conf other than "files" and
 * "dns", and crash where the system has that module (libnss_systemd.so.2). And
 * a shared libc makes its system calls by instruction.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stddef.h>

/* glibc's elf/dl-error.c: returns to the innermost _dl_catch_error. */
void _dl_signal_error(int code, const char *object, const char *occasion, const char *text)
	__attribute__((noreturn));

/*
 * What the linker says when a program names the function. The end of the
 * section's name ends the directive before the compiler's flags: the section
 * is one for the linker only.
 */
#define LINK_WARNING(function)                                                       \
	static const char warning_##function[]                                       \
		__attribute__((used, section(".gnu.warning." #function "\n\t#"))) = \
			#function " always fails in Unikernel Linux"

LINK_WARNING(dlopen);
LINK_WARNING(dlmopen);

/* Behind dlopen, dlmopen, name services and character conversion modules. */
void *_dl_open(const char *file, int mode, const void *caller, Lmid_t space, int argc, char **argv,
	       char **envp)
{
	(void)mode;
	(void)caller;
	(void)space;
	(void)argc;
	(void)argv;
	(void)envp;
	_dl_signal_error(ENOSYS, file, NULL, "shared libraries do not exist in Unikernel Linux");
}

/* The shared library around an address: none, also where glibc's own looks. */
struct link_map *_dl_find_dso_for_object(ElfW(Addr) address)
{
	(void)address;
	return NULL;
}
