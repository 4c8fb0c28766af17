/* SPDX-License-Identifier: MIT */
/*
 * Takes the place of glibc's elf/dl-open.o in libc.a: what can be opened are
 * the modules that were linked into the program. Everything else fails, as any
 * other error of dlopen does.
 *
 * A static glibc would load shared libraries, together with the shared libc
 * that they need, into the same process: two C libraries with one thread
 * pointer. It would do so unasked for a name service in /etc/nsswitch.conf
 * other than "files" and "dns", and crash where the system has that module
 * (libnss_systemd.so.2). And a shared libc makes its system calls by
 * instruction.
 */

#define _GNU_SOURCE
#include "modules.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Where the section begins and ends, from the linker; both NULL without modules. */
extern const struct ukl_module __start_ukl_modules[] __attribute__((weak));
extern const struct ukl_module __stop_ukl_modules[] __attribute__((weak));

/* glibc's; recursive, because a constructor may open another module. dlsym() holds it already. */
extern pthread_mutex_t _dl_load_lock;

int __cxa_atexit(void (*function)(void *), void *argument, void *object);

/*
 * What the linker says when a program names the function. The end of the
 * section's name ends the directive before the compiler's flags: the section
 * is one for the linker only.
 */
#define LINK_WARNING(function)                                                       \
	static const char warning_##function[]                                       \
		__attribute__((used, section(".gnu.warning." #function "\n\t#"))) = \
			#function " in Unikernel Linux finds \"modules\" of the configuration only"

LINK_WARNING(dlopen);
LINK_WARNING(dlmopen);

struct ukl_handle *_ukl_handles;

static const struct ukl_module *find_module(const char *name)
{
	for (const struct ukl_module *module = __start_ukl_modules; module < __stop_ukl_modules; module++)
		if (!strcmp(module->name, name))
			return module;
	return NULL;
}

/* The place of a module in the list, or the list's end. */
static struct ukl_handle **find_handle(const struct ukl_module *module)
{
	struct ukl_handle **place = &_ukl_handles;

	while (*place && (*place)->module != module)
		place = &(*place)->next;
	return place;
}

static void run_destructors(void *argument)
{
	const struct ukl_module *module = argument;

	for (ukl_fini *const *function = module->fini_end; function-- > module->fini;)
		(*function)();
}

/* A module is never unloaded, so its constructors run once. NULL when there is no memory. */
static struct ukl_handle *load(const struct ukl_module *module, struct ukl_handle **place, int argc,
			       char **argv, char **envp)
{
	struct ukl_handle *handle = calloc(1, sizeof(*handle));

	if (!handle)
		return NULL;
	handle->module = module;
	handle->map.l_name = (char *)module->name;
	/* Before its constructors, which may open others, and it again. */
	*place = handle;
	if (module->fini != module->fini_end)
		__cxa_atexit(run_destructors, (void *)module, NULL);
	for (ukl_init *const *function = module->init; function < module->init_end; function++)
		(*function)(argc, argv, envp);
	return handle;
}

/* Behind dlopen, dlmopen, name services and character conversion modules. */
void *_dl_open(const char *file, int mode, const void *caller, Lmid_t space, int argc, char **argv,
	       char **envp)
{
	const struct ukl_module *module = find_module(file);
	struct ukl_handle **place, *handle;

	(void)caller;
	if (!module)
		_dl_signal_error(ENOSYS, file, NULL,
				 "not among the program's modules; shared libraries do not exist in Unikernel Linux");
	if (space != LM_ID_BASE)
		_dl_signal_error(EINVAL, file, NULL, "a module has no namespace of its own");

	pthread_mutex_lock(&_dl_load_lock);
	place = find_handle(module);
	handle = *place;
	if (!handle && !(mode & RTLD_NOLOAD))
		handle = load(module, place, argc, argv, envp);
	if (handle) {
		handle->opened++;
		handle->global |= mode & RTLD_GLOBAL;
	}
	pthread_mutex_unlock(&_dl_load_lock);
	if (!handle && !(mode & RTLD_NOLOAD))
		_dl_signal_error(ENOMEM, file, NULL, "cannot open the module");
	return handle;
}

/* The shared library around an address: none, also where glibc's own looks. */
struct link_map *_dl_find_dso_for_object(ElfW(Addr) address)
{
	(void)address;
	return NULL;
}
