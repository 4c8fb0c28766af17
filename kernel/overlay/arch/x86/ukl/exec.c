// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unikernel Linux: which programs run at CPL 0.
 *
 * A UKL program is an ordinary ELF program with a PT_NOTE named "UKL". Whether
 * it may run is decided while its program headers are read, when exec can still
 * fail with an error; the address space is marked right after the point of no
 * return. A program without the note is not touched.
 */
#define pr_fmt(fmt) "ukl: " fmt

#include <linux/buildid.h>
#include <linux/capability.h>
#include <linux/cc_platform.h>
#include <linux/elf.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/sched/coredump.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include <asm/cpufeature.h>
#include <asm/setup.h>
#include <asm/ukl_compat.h>
#include <asm/ukl_fast.h>
#include <asm/ukl_task.h>

/* The kernel's own ELF notes: include/asm-generic/vmlinux.lds.h. */
extern const void __start_notes;
extern const void __stop_notes;

#define UKL_NOTE_TYPE		1
#define UKL_NOTE_VERSION	1

/* The program calls kernel functions at fixed addresses; build_id says whose. */
#define UKL_NOTE_DIRECT		BIT(0)

/* Descriptor of the note. */
struct ukl_note {
	__le32 version;
	__le32 flags;
	u8 build_id[BUILD_ID_SIZE_MAX];
};

/* More than any linker writes; the rest of a longer segment is ignored. */
#define UKL_NOTES_MAX	PAGE_SIZE

/* What AT_UKL points to. Grows at the end; @size tells how far it goes. */
struct ukl_vector {
	u32 version;
	u32 size;
	void (*syscall)(void);
	void (*fast_syscall)(void);
	void (*shortcut_syscall)(void);
};

static const struct ukl_vector ukl_vector = {
	.version	= 1,
	.size		= sizeof(ukl_vector),
	.syscall	= ukl_syscall,
	.fast_syscall	= ukl_fast_syscall,
	.shortcut_syscall = IS_ENABLED(CONFIG_INET) ? ukl_shortcut_syscall :
						      ukl_fast_syscall,
};

enum ukl_policy {
	UKL_POLICY_OFF,		/* the note means nothing */
	UKL_POLICY_IMAGE,	/* programs of the initramfs */
	UKL_POLICY_ANY,		/* any program, for CAP_SYS_MODULE */
};

static enum ukl_policy ukl_policy __ro_after_init = UKL_POLICY_IMAGE;

static int __init ukl_setup(char *arg)
{
	static const char * const names[] = {
		[UKL_POLICY_OFF]	= "off",
		[UKL_POLICY_IMAGE]	= "image",
		[UKL_POLICY_ANY]	= "any",
	};
	int policy = match_string(names, ARRAY_SIZE(names), arg ?: "");

	if (policy < 0) {
		pr_err("unknown policy ukl=%s: use image, any or off\n", arg);
		return policy;
	}
	ukl_policy = policy;
	return 0;
}
early_param("ukl", ukl_setup);

/*
 * Are exceptions to be taken on the UKL stack? Called once, at boot. The gates
 * of a Xen PV guest are the hypervisor's, and xen_load_idt() knows no IST but
 * those of an unpatched kernel.
 */
bool __init ukl_wants_ist(void)
{
	return ukl_policy != UKL_POLICY_OFF && !boot_cpu_has(X86_FEATURE_XENPV);
}

/*
 * Is @file in the root file system that the kernel unpacked its initramfs into,
 * and can only root have written it?
 */
static bool ukl_in_image(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	return inode->i_sb->s_type == &rootfs_fs_type &&
	       uid_eq(inode->i_uid, GLOBAL_ROOT_UID) &&
	       !(inode->i_mode & 0022);
}

/* Return: why this machine, as booted, cannot run UKL programs, or NULL. */
static const char *ukl_machine_refusal(void)
{
	/* The kernel's copy of user page-table entries is not executable. */
	if (boot_cpu_has(X86_FEATURE_PTI))
		return "page table isolation is on (boot with pti=off)";
	/* Every indirect branch target of the application would need ENDBR. */
	if (boot_cpu_has(X86_FEATURE_IBT))
		return "kernel IBT is on (boot with ibt=off)";
	/* Events do not go through the stubs that know application mode. */
	if (ukl_fred_is_on())
		return "FRED is on (boot with fred=off)";
	if (boot_cpu_has(X86_FEATURE_XENPV))
		return "Xen PV guests have no CPL 0";
	if (cc_platform_has(CC_ATTR_GUEST_STATE_ENCRYPT))
		return "#VC is not supported";
	return NULL;
}

/* Return: why @note does not fit this kernel, or NULL. */
static const char *ukl_link_refusal(const struct ukl_note *note)
{
	u8 build_id[BUILD_ID_SIZE_MAX];

	if (le32_to_cpu(note->version) != UKL_NOTE_VERSION)
		return "unknown version of the UKL note";
	if (!(le32_to_cpu(note->flags) & UKL_NOTE_DIRECT))
		return NULL;
	if (ukl_policy == UKL_POLICY_OFF)
		return "linked against the kernel, but ukl=off";
	if (kaslr_enabled())
		return "linked against fixed kernel addresses (boot with nokaslr)";
	if (build_id_parse_buf(&__start_notes, build_id,
			       &__stop_notes - &__start_notes) ||
	    memcmp(build_id, note->build_id, sizeof(build_id)))
		return "linked against another kernel";
	return NULL;
}

/* Return: why @current may not become a UKL process: who controls it has CPL 0. */
static const char *ukl_control_refusal(void)
{
	if (!ptracer_capable(current, &init_user_ns))
		return "traced by a process without CAP_SYS_PTRACE";
	if (current_user_ns() != &init_user_ns)
		return "not in the initial user namespace";
	return NULL;
}

static int ukl_refuse(const struct file *file, const char *why, int error)
{
	pr_warn_ratelimited("refused %pD4: %s\n", file, why);
	return error;
}

/* Decide on a program that carries @note. Return: 0 or the error of exec. */
static int ukl_admit(const struct ukl_note *note, const struct file *file,
		     struct arch_elf_state *state)
{
	const char *why = ukl_link_refusal(note);

	if (why)
		return ukl_refuse(file, why, -ENOEXEC);
	if (ukl_policy == UKL_POLICY_OFF)
		return 0;

	why = ukl_machine_refusal();
	if (why)
		return ukl_refuse(file, why, -EOPNOTSUPP);
	why = ukl_control_refusal();
	if (why)
		return ukl_refuse(file, why, -EPERM);
	if (ukl_policy == UKL_POLICY_IMAGE && !ukl_in_image(file))
		return ukl_refuse(file, "not part of the image (ukl=image)", -EPERM);
	if (ukl_policy == UKL_POLICY_ANY && !capable(CAP_SYS_MODULE))
		return ukl_refuse(file, "CAP_SYS_MODULE is missing", -EPERM);

	state->ukl = true;
	return 0;
}

/* Return: the UKL note among the @size bytes at @notes, or NULL. */
static const struct ukl_note *ukl_find_note(const void *notes, size_t size,
					    size_t align)
{
	size_t pos = 0;

	while (size - pos >= sizeof(struct elf64_note)) {
		const struct elf64_note *note = notes + pos;
		size_t name = pos + sizeof(*note);
		size_t desc = ALIGN(name + (size_t)note->n_namesz, align);
		size_t next = ALIGN(desc + (size_t)note->n_descsz, align);

		if (desc > size || desc + (size_t)note->n_descsz > size)
			break;
		if (note->n_type == UKL_NOTE_TYPE &&
		    note->n_namesz == sizeof("UKL") &&
		    note->n_descsz >= sizeof(struct ukl_note) &&
		    !memcmp(notes + name, "UKL", sizeof("UKL")))
			return notes + desc;
		if (next > size)
			break;
		pos = next;
	}
	return NULL;
}

/**
 * arch_elf_pt_proc - look at one program header of a program to be executed
 * @ehdr: ELF header
 * @header: program header, of type PT_NOTE or processor-specific
 * @file: the program
 * @is_interp: the header is the dynamic loader's, which does not decide
 * @state: result
 *
 * Context: exec, before the point of no return; may sleep.
 * Return: 0 to go on, else the error of exec.
 */
int arch_elf_pt_proc(const void *ehdr, const void *header, struct file *file,
		     bool is_interp, struct arch_elf_state *state)
{
	const unsigned char *ident = ehdr;
	const struct elf64_phdr *phdr = header;
	const struct ukl_note *note;
	ssize_t size;
	loff_t pos;
	void *notes;
	int ret = 0;

	/* The headers of a 32-bit program have another layout. */
	if (is_interp || ident[EI_CLASS] != ELFCLASS64 || phdr->p_type != PT_NOTE)
		return 0;

	size = min_t(u64, phdr->p_filesz, UKL_NOTES_MAX);
	notes = kmalloc(size, GFP_KERNEL);
	if (!notes)
		return -ENOMEM;

	pos = phdr->p_offset;
	size = kernel_read(file, notes, size, &pos);
	if (size > 0) {
		note = ukl_find_note(notes, size, phdr->p_align == 8 ? 8 : 4);
		if (note)
			ret = ukl_admit(note, file, state);
	}
	kfree(notes);
	return ret;
}

/**
 * ukl_set_personality - make the new address space one of a UKL application
 * @state: what arch_elf_pt_proc() found
 *
 * Context: exec, right after the point of no return; current->mm is empty but
 * for the stack, which setup_arg_pages() maps anew with the default flags.
 */
void ukl_set_personality(const struct arch_elf_state *state)
{
	if (!state->ukl)
		return;

	ukl_set_mm_flag(current->mm);
	current->mm->def_flags |= VM_UKL;
	/* Its user alone may not control it; root and CAP_SYS_PTRACE may. */
	if (!uid_eq(current_euid(), GLOBAL_ROOT_UID))
		set_dumpable(current->mm, SUID_DUMP_ROOT);
	/* What runs at CPL 0 from now on is not only this kernel. */
	add_taint(TAINT_USER, LOCKDEP_STILL_OK);
}

/* Return: the value of AT_UKL for the program being executed, or 0 for none. */
unsigned long ukl_auxv(void)
{
	return ukl_task(current) ? (unsigned long)&ukl_vector : 0;
}
