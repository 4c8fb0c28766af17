/* SPDX-License-Identifier: MIT */
/*
 * The start object: linked into every program, it makes one static ELF run as
 * an ordinary process on any Linux (ring 3) and as a UKL process in ring 0.
 *
 *   __ukl_start     the entry point: finds out where we run, then _start
 *   __ukl_syscall   the target of every system call, see ../as/syscall.inc
 *   .note.ukl       the mark by which the kernel knows the program
 */

#include <asm/unistd_64.h>

/* The auxiliary vector's entry for a UKL process in ring 0 ("UKL"); its value
 * is the address of the kernel's vector, laid out as below. */
#define AT_UKL			0x554b4c
#define VECTOR_VERSION		0	/* u32 */
#define VECTOR_SIZE		4	/* u32, bytes */
#define VECTOR_SYSCALL		8	/* u64, address */
#define VECTOR_FAST_SYSCALL	16	/* u64, address or 0 */
#define VECTOR_SHORTCUT_SYSCALL	24	/* u64, address or 0 */
#define VECTOR_MIN_SIZE		16

#define NOTE_UKL_VERSION	1
#define NOTE_UKL_TYPE		1

/* Below the stack pointer, the psABI lets a function keep this much data. */
#define RED_ZONE		128

/*
 * __ukl_start - ELF entry point.
 *
 * In:  the process entry state of the psABI: rsp at argc, rdx the function to
 *      register with atexit or 0.
 * Out: jumps to _start in the same state. Clobbers rax, rcx, r8, r9 and flags,
 *      which are unspecified at process entry.
 *
 * UKL_LEVEL in the environment chooses the kernel's entry: base, bypass or
 * shortcut; of those that the kernel has not, the next lower one.
 *
 * Runs before relocation, TLS and the stack protector exist, so it uses
 * nothing but registers. The slot that it writes becomes read-only together
 * with the rest of RELRO, before the first constructor runs.
 */
	.text
	.globl	__ukl_start
	.type	__ukl_start, @function
__ukl_start:
	.cfi_startproc
	.cfi_undefined rip
	mov	(%rsp), %rax
	lea	16(%rsp,%rax,8), %rcx		/* envp, past argv's NULL */
	mov	$VECTOR_SYSCALL, %r8d
.Lnext_variable:
	mov	(%rcx), %rax
	add	$8, %rcx
	test	%rax, %rax
	jz	.Lnext_auxv
	/* The stack ends with zeros behind the last string: eight bytes can be read. */
	movabs	$0x4556454c5f4c4b55, %r9	/* "UKL_LEVE" */
	cmp	%r9, (%rax)
	jne	.Lnext_variable
	movabs	$0x7373617079623d4c, %r9	/* "L=bypass" */
	cmp	%r9, 8(%rax)
	jne	.Lnot_bypass
	cmpb	$0, 16(%rax)
	jne	.Lnext_variable
	mov	$VECTOR_FAST_SYSCALL, %r8d
	jmp	.Lnext_variable
.Lnot_bypass:
	movabs	$0x6374726f68733d4c, %r9	/* "L=shortc" */
	cmp	%r9, 8(%rax)
	jne	.Lnext_variable
	cmpw	$0x7475, 16(%rax)		/* "ut" */
	jne	.Lnext_variable
	cmpb	$0, 18(%rax)
	jne	.Lnext_variable
	mov	$VECTOR_SHORTCUT_SYSCALL, %r8d
	jmp	.Lnext_variable
.Lnext_auxv:
	mov	(%rcx), %rax
	test	%rax, %rax			/* AT_NULL */
	jz	.Lstart
	add	$16, %rcx
	cmp	$AT_UKL, %rax
	jne	.Lnext_auxv

	/* A vector we do not understand is no vector: the SYSCALL instruction
	 * works in ring 0 too, only slower. */
	mov	-8(%rcx), %rcx
	cmpl	$1, VECTOR_VERSION(%rcx)
	jne	.Lstart
	cmpl	$VECTOR_MIN_SIZE, VECTOR_SIZE(%rcx)
	jb	.Lstart
	mov	VECTOR_SYSCALL(%rcx), %rax
	mov	%rax, ukl_syscall_frame_begin(%rip)
	jmp	.Ltry
.Llower:
	sub	$8, %r8d
.Ltry:	lea	8(%r8), %r9d
	cmp	%r9d, VECTOR_SIZE(%rcx)
	jb	.Llower
	mov	(%rcx,%r8), %rax
	test	%rax, %rax
	jz	.Llower
	mov	%rax, ukl_syscall_slot(%rip)
.Lstart:
	jmp	_start
	.cfi_endproc
	.size	__ukl_start, . - __ukl_start

/*
 * __ukl_syscall - make a system call, by call instead of by SYSCALL.
 *
 * In:  rax the number; rdi, rsi, rdx, r10, r8, r9 the arguments. The caller
 *      must not keep live data in the red zone (-mno-red-zone): the call
 *      itself overwrites eight bytes of it. The stack need not be aligned.
 * Out: rax the result or -errno. Clobbers rcx, r11 and flags.
 *
 * The caller's number decides whether control comes back by return address
 * at all: a child of clone resumes on another stack, sigreturn anywhere. The
 * routine behind the slot makes that look as if SYSCALL stood here.
 */
	.globl	__ukl_syscall
	.type	__ukl_syscall, @function
__ukl_syscall:
	.cfi_startproc
	jmp	*ukl_syscall_slot(%rip)
	.cfi_endproc
	.size	__ukl_syscall, . - __ukl_syscall

/*
 * ukl_syscall_by_instruction - what the slot holds where no kernel vector is.
 *
 * In, out: as __ukl_syscall. For clone, vfork and clone3 also clobbers r9,
 * which is no argument of theirs.
 */
	.p2align 4
	.type	ukl_syscall_by_instruction, @function
ukl_syscall_by_instruction:
	.cfi_startproc
	cmp	$__NR_rt_sigreturn, %eax
	je	.Lsigreturn
	cmp	$__NR_clone, %eax
	je	.Lnew_stack
	cmp	$__NR_vfork, %eax
	je	.Lnew_stack
	cmp	$__NR_clone3, %eax
	je	.Lnew_stack
	cmp	$__NR_sigaltstack, %eax
	je	.Lsigaltstack
	syscall
	ret

	/* The child may find another stack under rsp (clone), or have overwritten
	 * the parent's return address by the time it runs (vfork). */
.Lnew_stack:
	pop	%r9
	.cfi_adjust_cfa_offset -8
	.cfi_register rip, r9
	syscall
	jmp	*%r9
	.cfi_adjust_cfa_offset 8
	.cfi_offset rip, -8

	/* The kernel looks for the signal frame at rsp: as left by the handler. */
.Lsigreturn:
	add	$8, %rsp
	.cfi_adjust_cfa_offset -8
	syscall
	.cfi_adjust_cfa_offset 8

	/* glibc's ____longjmp_chk.S lets the kernel write the old stack_t into the
	 * red zone, over our return address; keep a copy where that cannot reach. */
.Lsigaltstack:
	pop	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register rip, rcx
	sub	$RED_ZONE, %rsp
	.cfi_adjust_cfa_offset RED_ZONE
	push	%rcx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rip, 0
	syscall
	pop	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register rip, rcx
	add	$RED_ZONE, %rsp
	.cfi_adjust_cfa_offset -RED_ZONE
	jmp	*%rcx
	.cfi_endproc
	.size	ukl_syscall_by_instruction, . - ukl_syscall_by_instruction

/*
 * ukl_register_frame - tells the unwinder, if the program has one, how to leave
 * the kernel's ukl_syscall.
 *
 * That is where a signal handler finds a thread whose call is to be made again:
 * right after ukl_syscall has popped its return address into rcx. A cancelled
 * thread unwinds from its handler, and without this it would end there, with
 * the destructors of C++ and the cleanup handlers of -fexceptions not called.
 */
	.type	ukl_register_frame, @function
ukl_register_frame:
	.cfi_startproc
	cmpq	$0, ukl_syscall_frame_begin(%rip)
	je	.Lno_frame
	mov	__register_frame_info@GOTPCREL(%rip), %rax
	test	%rax, %rax
	jz	.Lno_frame
	lea	ukl_syscall_frame(%rip), %rdi
	lea	ukl_syscall_frame_object(%rip), %rsi
	jmp	*%rax
.Lno_frame:
	ret
	.cfi_endproc
	.size	ukl_register_frame, . - ukl_register_frame
	.weak	__register_frame_info

	.section .preinit_array, "aw", @preinit_array
	.balign	8
	.quad	ukl_register_frame

	/* libgcc's struct object, of which it wants six words or seven. */
	.local	ukl_syscall_frame_object
	.comm	ukl_syscall_frame_object, 64, 8

	.section .data.rel.ro, "aw", @progbits
	.balign	8
	.globl	ukl_syscall_slot
	.type	ukl_syscall_slot, @object
ukl_syscall_slot:
	.quad	ukl_syscall_by_instruction
	.size	ukl_syscall_slot, . - ukl_syscall_slot

/*
 * As .eh_frame has it, for code whose address only the kernel knows: the first
 * bytes of ukl_syscall, which are "popq %rcx", or "endbr64; popq %rcx".
 */
#define DW_CFA_advance_loc(bytes)	.byte	0x40 + bytes
#define DW_CFA_offset(register, words)	.byte	0x80 + register, words
#define DW_CFA_register(register, in)	.byte	0x09, register, in
#define DW_CFA_def_cfa(register, bytes)	.byte	0x0c, register, bytes
#define DW_CFA_def_cfa_offset(bytes)	.byte	0x0e, bytes
#define RCX				2
#define RSP				7
#define RIP				16

	.balign	8
ukl_syscall_frame:
	.long	.Lcie_end - .Lcie
.Lcie:	.long	0				/* a CIE */
	.byte	1				/* version */
	.asciz	""				/* no augmentation: addresses are absolute */
	.uleb128 1				/* factor of advances */
	.sleb128 -8				/* factor of offsets */
	.byte	RIP
	DW_CFA_def_cfa(RSP, 8)
	DW_CFA_offset(RIP, 1)
	.balign	8, 0				/* DW_CFA_nop */
.Lcie_end:
	.long	.Lfde_end - .Lfde
.Lfde:	.long	.Lfde - ukl_syscall_frame
ukl_syscall_frame_begin:
	.quad	0				/* ukl_syscall; stays 0 where no kernel vector is */
	.quad	8				/* bytes */
	DW_CFA_advance_loc(1)			/* popped, unless that was ENDBR64 … */
	DW_CFA_def_cfa_offset(0)
	DW_CFA_register(RIP, RCX)
	DW_CFA_advance_loc(3)			/* … which ends here */
	DW_CFA_def_cfa_offset(8)
	DW_CFA_offset(RIP, 1)
	DW_CFA_advance_loc(1)
	DW_CFA_def_cfa_offset(0)
	DW_CFA_register(RIP, RCX)
	.balign	8, 0
.Lfde_end:
	.long	0				/* the last one */

/*
 * The note: flag bit 0 says that the program was bound to one kernel, whose
 * build ID then follows; both are filled in when that happens.
 */
	.section .note.ukl, "a", @note
	.balign	4
	.long	.Lname_end - .Lname
	.long	.Ldesc_end - .Ldesc
	.long	NOTE_UKL_TYPE
.Lname:	.asciz	"UKL"
.Lname_end:
.Ldesc:	.long	NOTE_UKL_VERSION
	.long	0				/* flags */
	.skip	20				/* build ID of the kernel */
.Ldesc_end:

	.section .note.GNU-stack, "", @progbits
