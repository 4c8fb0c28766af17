/* SPDX-License-Identifier: MIT */
/* Takes the place of glibc's elf/dl-close.o in libc.a: a module stays where it is, as one opened with RTLD_NODELETE. */

#define _GNU_SOURCE
#include "modules.h"

/* Behind dlclose. */
void _dl_close(void *handle)
{
	struct ukl_handle *entry = _ukl_handles;

	while (entry && (entry != handle || !entry->opened))
		entry = entry->next;
	if (!entry)
		_dl_signal_error(0, NULL, NULL, "invalid handle");
	entry->opened--;
}
