// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unikernel Linux: the functions behind ukl_shortcut_syscall.
 *
 * Those of ukl_fast_syscall, but for calls that mostly mean a TCP connection, or
 * that mostly find what they look for. Each does that case without the layers
 * between the table and the protocol, and leaves every other one to the ordinary
 * function before anything has been sent, received or waited for. What the layers
 * do for others than their caller is kept: security hooks, fsnotify, accounting,
 * flow steering.
 *
 * They run as any system call does, on the task's kernel stack with pt_regs at
 * task_pt_regs(), and take pointers of user space for what they are.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fsnotify.h>
#include <linux/indirect_call_wrapper.h>
#include <linux/net.h>
#include <linux/sched/xacct.h>
#include <linux/security.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include <net/inet_common.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "calls.h"
#include "net_compat.h"

/* Flags that the shortcuts know: whether the call waits, and what becomes of an error. */
#define UKL_RECV_FLAGS	(MSG_DONTWAIT | MSG_NOSIGNAL)
#define UKL_SEND_FLAGS	(MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE)

/* What a function returns that has nothing to do with a call; no system call does. */
#define UKL_NOT_FOR_US	LONG_MIN

/* What is received with softirqs off. The way there matters little for more. */
#define UKL_RECV_MAX	PAGE_SIZE

/*
 * The socket behind @file if its data go straight to TCP and come straight from
 * it. TLS, MPTCP, SMC and sockmaps put operations of their own into one of the
 * two places; they all may do so at any time.
 *
 * Return: the socket, which lives as long as @file, or NULL, as for no @file.
 */
static __always_inline struct socket *ukl_tcp_socket(struct file *file)
{
	const struct proto_ops *ops;
	const struct proto *prot;
	struct socket *sock;

	/* The inode first, so that a file that is no socket pays for no call. */
	if (!file || !S_ISSOCK(file_inode(file)->i_mode))
		return NULL;
	sock = sock_from_file(file);
	if (!sock)
		return NULL;
	ops = READ_ONCE(sock->ops);
	if (ops != &inet_stream_ops &&
	    !(IS_BUILTIN(CONFIG_IPV6) && ops == &inet6_stream_ops))
		return NULL;
	prot = READ_ONCE(sock->sk->sk_prot);
	if (prot->recvmsg != tcp_recvmsg || prot->sendmsg != tcp_sendmsg)
		return NULL;
	return sock;
}

/* Neither refused by the ordinary functions, nor cut. */
static bool ukl_ordinary_buffer(const void __user *buf, size_t size)
{
	return size && size <= MAX_RW_COUNT && access_ok(buf, size);
}

/* How much can probably be received. To be asked without the lock. */
static u32 ukl_tcp_promised(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);
}

/* Is it something, and not too much? */
static bool ukl_tcp_promises(const struct sock *sk, size_t size)
{
	u32 there = ukl_tcp_promised(sk);

	return there && min_t(size_t, there, size) <= UKL_RECV_MAX;
}

/* The flags of a call that has none of its own. */
static int ukl_file_flags(const struct file *file)
{
	return file->f_flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
}

/* Where @size bytes at @offset of @skb are, if they are in one piece, or NULL. */
static const void *ukl_skb_piece(const struct sk_buff *skb, size_t offset,
				 size_t size)
{
	const skb_frag_t *frag = skb_shinfo(skb)->frags;
	size_t head = skb_headlen(skb);

	if (offset + size <= head)
		return skb->data + offset;
	if (offset < head || !skb_shinfo(skb)->nr_frags ||
	    offset - head + size > skb_frag_size(frag) || !skb_frags_readable(skb))
		return NULL;
	return skb_frag_address(frag) + (offset - head);
}

/*
 * Copy the next @size bytes of the stream, which are there, and leave them there.
 * Context: the caller has locked the socket; does not sleep, so it fails if a page
 * of the buffer has to be brought in.
 */
static bool ukl_tcp_copy(struct sock *sk, char __user *buf, size_t size)
{
	u32 seq = tcp_sk(sk)->copied_seq;
	const struct sk_buff *skb;
	const void *from;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		size_t offset = seq - TCP_SKB_CB(skb)->seq;
		size_t part = size;

		if (offset >= skb->len)
			return false;
		if (part > skb->len - offset)
			part = skb->len - offset;
		from = ukl_skb_piece(skb, offset, part);
		if (!from || copy_to_user_nofault(buf, from, part))
			return false;
		size -= part;
		if (!size)
			return true;
		buf += part;
		seq += part;
	}
	return false;
}

/*
 * How much a call for @size bytes gets at once, or 0 if tcp_recvmsg() has to find
 * out: for errors, the end, urgent data, peeking, or because it would wait.
 */
static size_t ukl_tcp_readable(const struct sock *sk, size_t size)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int there = tp->rcv_nxt - tp->copied_seq;

	if (sk->sk_state != TCP_ESTABLISHED || tp->urg_data || tp->repair ||
	    READ_ONCE(sk->sk_peek_off) >= 0 ||
	    READ_ONCE(sk->sk_prot)->recvmsg != tcp_recvmsg ||
	    there < sock_rcvlowat(sk, 0, size))
		return 0;
	return min_t(size_t, there, size);
}

/*
 * Take few data that are there. The socket is not owned but its spinlock held,
 * which takes neither a wait nor a look at a backlog.
 *
 * Return: bytes received, or 0 if this is for tcp_recvmsg().
 */
static size_t ukl_tcp_take(struct sock *sk, char __user *buf, size_t size)
{
	bool slow = lock_sock_fast(sk);
	size_t taken = ukl_tcp_readable(sk, size);

	if (taken && taken <= UKL_RECV_MAX && ukl_tcp_copy(sk, buf, taken))
		tcp_read_done(sk, taken);
	else
		taken = 0;
	unlock_sock_fast(sk, slow);
	return taken;
}

/*
 * As inet_recvmsg(), for one buffer; not inlined, so that only who needs the message
 * pays for it.
 */
static noinline int ukl_tcp_recvmsg(struct sock *sk, char __user *buf, size_t size,
				    int flags)
{
	struct msghdr msg = { .msg_flags = flags };
	int ignored;

	iov_iter_ubuf(&msg.msg_iter, ITER_DEST, buf, size);
	return INDIRECT_CALL_1(READ_ONCE(sk->sk_prot)->recvmsg, tcp_recvmsg,
			       sk, &msg, size, flags, &ignored);
}

/*
 * As sock_recvmsg(), for one buffer; with @at_once only if data are there.
 *
 * Return: its result, or UKL_NOT_FOR_US.
 */
static ssize_t ukl_tcp_receive(struct socket *sock, char __user *buf,
			       size_t size, int flags, bool at_once)
{
	struct msghdr msg = { .msg_flags = flags };
	struct sock *sk = sock->sk;
	size_t taken = 0;
	int ret;

	iov_iter_ubuf(&msg.msg_iter, ITER_DEST, buf, size);
	ret = security_socket_recvmsg(sock, &msg, size, flags);
	if (ret)
		return ret;

	sock_rps_record_flow(sk);
	if (ukl_tcp_promises(sk, size))
		taken = ukl_tcp_take(sk, buf, size);
	if (taken)
		return taken;
	return at_once ? UKL_NOT_FOR_US : ukl_tcp_recvmsg(sk, buf, size, flags);
}

/* As sock_sendmsg(): by the operations that the socket has once the caller may send. */
static ssize_t ukl_tcp_send(struct socket *sock, struct msghdr *msg)
{
	size_t size = msg_data_left(msg);
	int ret;

	ret = security_socket_sendmsg(sock, msg, size);
	if (ret)
		return ret;
	sock_rps_record_flow(sock->sk);
	return INDIRECT_CALL_1(READ_ONCE(sock->sk->sk_prot)->sendmsg, tcp_sendmsg,
			       sock->sk, msg, size);
}

/*
 * As vfs_read(), for the connection @sock, which is @file; with @at_once only if data
 * are there.
 *
 * Return: its result, or UKL_NOT_FOR_US.
 */
static ssize_t ukl_file_receive(struct file *file, struct socket *sock,
				char __user *buf, size_t size, bool at_once)
{
	ssize_t ret;

	ret = rw_verify_area(READ, file, NULL, size);
	if (ret)
		return ret;
	ret = ukl_tcp_receive(sock, buf, size, ukl_file_flags(file), at_once);
	if (ret == UKL_NOT_FOR_US)
		return ret;
	if (ret > 0) {
		fsnotify_access(file);
		add_rchar(current, ret);
	}
	inc_syscr(current);
	return ret;
}

/* As vfs_write(), for the connection @sock, which is @file. */
static ssize_t ukl_file_send_msg(struct file *file, struct socket *sock,
				 struct msghdr *msg)
{
	ssize_t ret;

	ret = rw_verify_area(WRITE, file, NULL, msg_data_left(msg));
	if (ret)
		return ret;
	ret = ukl_tcp_send(sock, msg);
	if (ret > 0) {
		fsnotify_modify(file);
		add_wchar(current, ret);
	}
	inc_syscw(current);
	return ret;
}

/* The same for one buffer; not inlined, so that only connections pay for the message. */
static noinline ssize_t ukl_file_send(struct file *file, struct socket *sock,
				      char __user *buf, size_t size)
{
	struct msghdr msg = { .msg_flags = ukl_file_flags(file) };

	iov_iter_ubuf(&msg.msg_iter, ITER_SOURCE, buf, size);
	return ukl_file_send_msg(file, sock, &msg);
}

/* As ksys_read() but for connections, so that others do not pay for looking. */
static long ukl_sys_read(const struct pt_regs *regs)
{
	char __user *buf = (char __user *)regs->si;
	struct fd f = fdget_pos(regs->di);
	struct file *file = fd_file(f);
	struct socket *sock;
	loff_t pos, *ppos;
	ssize_t ret;

	if (!file)
		return -EBADF;
	sock = ukl_tcp_socket(file);
	if (sock && ukl_ordinary_buffer(buf, regs->dx)) {
		ret = ukl_file_receive(file, sock, buf, regs->dx, false);
	} else {
		pos = file->f_pos;
		ppos = file->f_mode & FMODE_STREAM ? NULL : &pos;
		ret = vfs_read(file, buf, regs->dx, ppos);
		if (ret >= 0 && ppos)
			file->f_pos = pos;
	}
	fdput_pos(f);
	return ret;
}

/* As ksys_write(), likewise. */
static long ukl_sys_write(const struct pt_regs *regs)
{
	char __user *buf = (char __user *)regs->si;
	struct fd f = fdget_pos(regs->di);
	struct file *file = fd_file(f);
	struct socket *sock;
	loff_t pos, *ppos;
	ssize_t ret;

	if (!file)
		return -EBADF;
	sock = ukl_tcp_socket(file);
	if (sock && ukl_ordinary_buffer(buf, regs->dx)) {
		ret = ukl_file_send(file, sock, buf, regs->dx);
	} else {
		pos = file->f_pos;
		ppos = file->f_mode & FMODE_STREAM ? NULL : &pos;
		ret = vfs_write(file, buf, regs->dx, ppos);
		if (ret >= 0 && ppos)
			file->f_pos = pos;
	}
	fdput_pos(f);
	return ret;
}

/* The functions below return what the system call does, or UKL_NOT_FOR_US. */

static ssize_t ukl_recvfrom(unsigned int fd, char __user *buf, size_t size,
			    unsigned int flags)
{
	CLASS(fd, f)(fd);
	struct socket *sock;

	sock = ukl_tcp_socket(fd_file(f));
	if (!sock || !ukl_ordinary_buffer(buf, size))
		return UKL_NOT_FOR_US;
	return ukl_tcp_receive(sock, buf, size,
			       flags | ukl_file_flags(fd_file(f)), false);
}

/*
 * If the first buffer holds what is there, and what the caller waits for. To wait is
 * for the ordinary function, which knows the others, and so is more than would be
 * taken at once: the hooks are called here, and should not be called again.
 */
static ssize_t ukl_readv(unsigned int fd, const struct iovec __user *vec,
			 size_t count)
{
	CLASS(fd, f)(fd);
	struct iovec fast[UIO_FASTIOV], *iov = fast;
	struct socket *sock;
	struct iov_iter iter;

	sock = ukl_tcp_socket(fd_file(f));
	if (!sock || count > UIO_FASTIOV || !ukl_tcp_promised(sock->sk))
		return UKL_NOT_FOR_US;
	/* What is wrong with the vector, the ordinary function will say. */
	if (import_iovec(ITER_DEST, vec, count, UIO_FASTIOV, &iov, &iter) <= 0)
		return UKL_NOT_FOR_US;
	if (count > 1 && (ukl_tcp_promised(sock->sk) > UKL_RECV_MAX ||
			  ukl_tcp_promised(sock->sk) > fast[0].iov_len ||
			  READ_ONCE(sock->sk->sk_rcvlowat) > fast[0].iov_len))
		return UKL_NOT_FOR_US;
	if (!ukl_ordinary_buffer(fast[0].iov_base, fast[0].iov_len))
		return UKL_NOT_FOR_US;
	return ukl_file_receive(fd_file(f), sock, fast[0].iov_base,
				fast[0].iov_len, count > 1);
}

static ssize_t ukl_writev(unsigned int fd, const struct iovec __user *vec,
			  size_t count)
{
	CLASS(fd, f)(fd);
	struct socket *sock;

	sock = ukl_tcp_socket(fd_file(f));
	if (sock) {
		struct msghdr msg = { .msg_flags = ukl_file_flags(fd_file(f)) };
		struct iovec fast[UIO_FASTIOV], *iov = fast;
		ssize_t ret = UKL_NOT_FOR_US;

		if (import_iovec(ITER_SOURCE, vec, count, UIO_FASTIOV, &iov,
				 &msg.msg_iter) > 0)
			ret = ukl_file_send_msg(fd_file(f), sock, &msg);
		kfree(iov);
		return ret;
	}
	return UKL_NOT_FOR_US;
}

/* Messages without an address and without control data. */
static ssize_t ukl_sendmsg(unsigned int fd,
			   const struct user_msghdr __user *message,
			   unsigned int flags)
{
	CLASS(fd, f)(fd);
	struct user_msghdr user;
	struct socket *sock;

	sock = ukl_tcp_socket(fd_file(f));
	if (sock && !copy_from_user(&user, message, sizeof(user)) &&
	    !user.msg_name && !user.msg_controllen &&
	    user.msg_iovlen <= UIO_MAXIOV) {
		struct msghdr msg = {
			.msg_flags = flags | ukl_file_flags(fd_file(f)),
		};
		struct iovec fast[UIO_FASTIOV], *iov = fast;
		ssize_t ret = UKL_NOT_FOR_US;

		if (import_iovec(ITER_SOURCE, user.msg_iov, user.msg_iovlen,
				 UIO_FASTIOV, &iov, &msg.msg_iter) > 0)
			ret = ukl_tcp_send(sock, &msg);
		kfree(iov);
		return ret;
	}
	return UKL_NOT_FOR_US;
}

static ssize_t ukl_sendto(unsigned int fd, char __user *buf, size_t size,
			  unsigned int flags)
{
	CLASS(fd, f)(fd);
	struct socket *sock;

	sock = ukl_tcp_socket(fd_file(f));
	if (sock && ukl_ordinary_buffer(buf, size)) {
		struct msghdr msg = {
			.msg_flags = flags | ukl_file_flags(fd_file(f)),
		};

		iov_iter_ubuf(&msg.msg_iter, ITER_SOURCE, buf, size);
		return ukl_tcp_send(sock, &msg);
	}
	return UKL_NOT_FOR_US;
}

static long ukl_sys_readv(const struct pt_regs *regs)
{
	ssize_t ret = ukl_readv(regs->di, (struct iovec __user *)regs->si,
				regs->dx);

	return ret == UKL_NOT_FOR_US ? __x64_sys_readv(regs) : ret;
}

static long ukl_sys_writev(const struct pt_regs *regs)
{
	ssize_t ret = ukl_writev(regs->di, (struct iovec __user *)regs->si,
				 regs->dx);

	return ret == UKL_NOT_FOR_US ? __x64_sys_writev(regs) : ret;
}

static long ukl_sys_sendmsg(const struct pt_regs *regs)
{
	unsigned int flags = regs->dx;
	ssize_t ret = UKL_NOT_FOR_US;

	if (!(flags & ~UKL_SEND_FLAGS))
		ret = ukl_sendmsg(regs->di,
				  (struct user_msghdr __user *)regs->si, flags);
	return ret == UKL_NOT_FOR_US ? __x64_sys_sendmsg(regs) : ret;
}

static long ukl_sys_recvfrom(const struct pt_regs *regs)
{
	unsigned int flags = regs->r10;
	ssize_t ret = UKL_NOT_FOR_US;

	/* Who asks for the address gets none of a connection, but its length. */
	if (!regs->r8 && !(flags & ~UKL_RECV_FLAGS))
		ret = ukl_recvfrom(regs->di, (char __user *)regs->si, regs->dx,
				   flags);
	return ret == UKL_NOT_FOR_US ? __x64_sys_recvfrom(regs) : ret;
}

static long ukl_sys_sendto(const struct pt_regs *regs)
{
	unsigned int flags = regs->r10;
	ssize_t ret = UKL_NOT_FOR_US;

	if (!regs->r8 && !(flags & ~UKL_SEND_FLAGS))
		ret = ukl_sendto(regs->di, (char __user *)regs->si, regs->dx,
				 flags);
	return ret == UKL_NOT_FOR_US ? __x64_sys_sendto(regs) : ret;
}

/*
 * Is there an event? Then there is no need to read the clock, and to compute when
 * to stop waiting and how exactly. A failure would be one with any timeout. Not
 * inlined, so that only who gives a timeout pays for the copy.
 */
static noinline long ukl_epoll_wait_timed(const struct pt_regs *regs)
{
	struct pt_regs at_once __uninitialized;
	long ret;

	at_once.di = regs->di;
	at_once.si = regs->si;
	at_once.dx = regs->dx;
	at_once.r10 = 0;
	ret = __x64_sys_epoll_wait(&at_once);
	return ret ?: __x64_sys_epoll_wait(regs);
}

static long ukl_sys_epoll_wait(const struct pt_regs *regs)
{
	return (int)regs->r10 > 0 ? ukl_epoll_wait_timed(regs)
				  : __x64_sys_epoll_wait(regs);
}

static long ukl_sys_epoll_pwait(const struct pt_regs *regs)
{
	/* Without a signal mask it is epoll_wait, with the same arguments. */
	return regs->r8 ? __x64_sys_epoll_pwait(regs) : ukl_sys_epoll_wait(regs);
}

#define __x64_sys_read		ukl_sys_read
#define __x64_sys_write		ukl_sys_write
#define __x64_sys_readv		ukl_sys_readv
#define __x64_sys_writev	ukl_sys_writev
#define __x64_sys_sendmsg	ukl_sys_sendmsg
#define __x64_sys_recvfrom	ukl_sys_recvfrom
#define __x64_sys_sendto	ukl_sys_sendto
#define __x64_sys_epoll_wait	ukl_sys_epoll_wait
#define __x64_sys_epoll_pwait	ukl_sys_epoll_pwait

#define __SYSCALL(nr, sym) [nr] = __x64_##sym,
const sys_call_ptr_t ukl_shortcut_calls[NR_syscalls] = {
#include <asm/syscalls_64.h>
};
