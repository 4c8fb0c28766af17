/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unikernel Linux: what older kernels name differently, as in <asm/ukl_compat.h>,
 * of files and the network, which few objects need.
 */
#ifndef _ARCH_X86_UKL_NET_COMPAT_H
#define _ARCH_X86_UKL_NET_COMPAT_H

#include <linux/file.h>
#include <linux/skbuff.h>
#include <linux/socket.h>

/* Moved out of <net/sock.h> in 6.9. */
#if __has_include(<net/rps.h>)
#include <net/rps.h>
#endif

/* Since 6.12. */
#ifndef fd_file
# define fd_file(f)	((f).file)
#endif

/* Since 6.12, with memory of devices in socket buffers. */
#ifndef MSG_SOCK_DEVMEM
static inline bool skb_frags_readable(const struct sk_buff *skb)
{
	return true;
}
#endif

/* Since 6.12; without it the variable is cleared in vain. */
#ifndef __uninitialized
# define __uninitialized
#endif

#endif /* _ARCH_X86_UKL_NET_COMPAT_H */
