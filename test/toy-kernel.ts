// SPDX-License-Identifier: Apache-2.0
/**
 * A source tree with the kernel's make targets, built by make and gcc in a moment: for tests of
 * what goes on around a kernel's build.
 */

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

/**
 * Writes the tree. Its configuration knows CONFIG_A, CONFIG_B (which needs CONFIG_A), CONFIG_TEXT (which adds a
 * function before all others) and the two options of an initramfs.
 */
export async function createToyKernel(source: string): Promise<void> {
  await mkdir(source, { recursive: true });
  await writeFile(path.join(source, "Makefile"), makefile);
  await writeFile(path.join(source, "kernel.c"), kernel);
}

const makefile = `# A toy with the targets of the kernel's Makefile.
.PHONY: tinyconfig olddefconfig vmlinux bzImage drivers/net/dummy.ko

tinyconfig:
	echo "CONFIG_TINY=y" >$(O)/.config

olddefconfig:
	sed -n 's/^# \\(CONFIG_\\w*\\) is not set$$/\\1=n/p; /^CONFIG_/p' $(O)/.config | tac | sort -s -u -t= -k1,1 | \\
		grep -E '^CONFIG_(TINY|A|B|TEXT|INITRAMFS_\\w+)=' | grep -v '=n$$' >$(O)/.config.new
	grep -q '^CONFIG_A=y' $(O)/.config.new || sed -i '/^CONFIG_B=/d' $(O)/.config.new
	mv $(O)/.config.new $(O)/.config

vmlinux:
	@echo '  CC      kernel.o'
	sed -n 's/^\\(CONFIG_\\w*\\)=y$$/#define \\1 1/p; s/^\\(CONFIG_\\w*\\)=\\("\\?.*\\)$$/#define \\1 \\2/p' $(O)/.config >$(O)/autoconf.h
	gcc -Os -ffreestanding -nostdlib -static -Wl,--build-id=sha1 -Wl,-e,_text -include $(O)/autoconf.h \\
		-o $(O)/vmlinux kernel.c
	nm -n $(O)/vmlinux >$(O)/System.map

drivers/net/dummy.ko:
	mkdir -p $(O)/drivers/net
	cp $(O)/System.map $(O)/$@

bzImage:
	@echo '  BUILD   bzImage'
	mkdir -p $(O)/arch/x86/boot
	cp $(O)/vmlinux $(O)/arch/x86/boot/bzImage
`;

const kernel = `
void _text(void) {}
#ifdef CONFIG_TEXT
void inserted(void) { __asm__("nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop; nop"); }
#endif
void ukl_syscall(void) {}
void schedule(void) {}
void _etext(void) {}
#ifdef CONFIG_INITRAMFS_SOURCE
const char initramfs[] __attribute__((used)) = CONFIG_INITRAMFS_SOURCE;
#endif
`;
