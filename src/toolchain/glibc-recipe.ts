// SPDX-License-Identifier: Apache-2.0
/**
 * How glibc is built as a static library only, from unmodified source. Its build system has no such
 * mode: `--disable-shared` leaves out headers that the static build needs. So shared stays enabled
 * for configure, and make is told to know of no objects but the static ones. userland/libc/README.md
 * tells the story.
 */

/** The compiler's options that are part of CC: in CFLAGS configure would take the compiler for one that makes PIC. */
const compilerOptions = ["-no-pie", "-fno-pic", "-fno-pie", "-mno-red-zone"];

const configureOptions = [
  "CFLAGS=-O2",
  "--prefix=/usr",
  // Two names, so that the build runs nothing that it has built.
  "--host=x86_64-ukl-linux-gnu",
  "--build=x86_64-linux-gnu",
  "--disable-default-pie",
  "--disable-werror",
  "--disable-profile",
  "--disable-build-nscd",
  "--disable-nscd",
  "--disable-timezone-tools",
  // libmvec is called by name only by code that was vectorised for it; its assembly triples the time of the build.
  "--disable-mathvec",
  "--enable-static-nss",
  "--without-selinux",
];

/** One flavour of objects, and no programs. */
export const makeVariables = [
  "object-suffixes=.o",
  "object-suffixes-for-libc=.o",
  "build-programs=no",
  "pic-ccflag=",
  "PIC-ccflag=",
];

/** What is built besides libc.a: the folder, and the files in it. */
export const extraTargets: Readonly<Record<string, readonly string[]>> = {
  csu: ["crt1.o", "gcrt1.o", "crti.o", "crtn.o"],
  math: ["libm.a"],
  resolv: ["libresolv.a"],
  // Gone since glibc 2.39.
  crypt: ["libcrypt.a"],
};

/** Libraries that became part of libc.a, but that makefiles still name. */
export const emptyLibraries = ["anl", "dl", "pthread", "rt", "util"];

/** Folders without an object for libc.a: data, tests, programs and what only the shared library has. */
const emptyFolders = new Set(
  "conform gnulib hesiod iconvdata localedata manual mathvec nis nptl_db nscd po sunrpc support timezone".split(
    " ",
  ),
);

/** The arguments of configure. `assembler` is the folder of our `as`. */
export function configureArguments(cc: string, cxx: string, assembler: string): string[] {
  return [
    `CC=${[cc, `-B${assembler}/`, ...compilerOptions].join(" ")}`,
    `CXX=${cxx} -no-pie`,
    ...configureOptions,
  ];
}

/** The folders that add to libc.a, in the order in which they have to be built, from glibc's `sysd-sorted`. */
export function parseSortedFolders(sorted: string): string[] {
  const line = /^sorted-subdirs := (.+)$/m.exec(sorted)?.[1] ?? "";
  return line.split(" ").filter((folder) => folder !== "" && !emptyFolders.has(folder));
}
