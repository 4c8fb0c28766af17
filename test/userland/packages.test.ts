// SPDX-License-Identifier: Apache-2.0
/** Packages of the distribution, unmodified, built as `ukl toolchain` says: one of each build system. */

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { hasCallSites } from "../../src/app/bind-program.js";
import { parseElf } from "../../src/elf/parse-elf.js";
import { requireTools } from "../../src/host/require-tools.js";
import { type CommandResult, runCommand } from "../../src/host/run-command.js";
import { fetchSource } from "../../src/source/fetch-source.js";
import type { Toolchain } from "../../src/toolchain/build-toolchain.js";
import { compileMain } from "../compile-main.js";
import { ctx, run, useDirectory, useToolchain } from "./fixture.js";

let toolchain: Toolchain;
let main: string;
beforeAll(async () => {
  toolchain = await useToolchain();
  main = compileMain();
});

/** A copy of a package's source. */
async function usePackage(name: string): Promise<string> {
  const source = await fetchSource(ctx, { kind: "debian-source", package: name });
  const directory = path.join(useDirectory(), name);
  cpSync(source.path, directory, { recursive: true, verbatimSymlinks: true });
  return directory;
}

/** Runs commands in a shell that has taken what `ukl toolchain --env` prints. */
async function build(directory: string, ...commands: readonly string[]): Promise<CommandResult> {
  const script = [`eval "$('${process.execPath}' '${main}' toolchain --env)"`, ...commands].join(" &&\n");
  return runCommand(ctx, "sh", ["-c", script], { cwd: directory });
}

test("ukl toolchain says how, for people and for programs", async () => {
  const run = async (...args: string[]): Promise<string> =>
    (await runCommand(ctx, process.execPath, [main, "toolchain", ...args])).stdout;
  const described = JSON.parse(await run("--json")) as Toolchain & { env: Record<string, string> };
  expect(described).toMatchObject({ ...toolchain, env: { CC: toolchain.cc, CXX: toolchain.cxx } });
  const files = (await run()).match(/(?<=[\s=])\/\S+/g) ?? [];
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => !existsSync(file.replace(/^\S*=/, "")))).toEqual([]);
  expect((await run("--env")).split("\n").filter((line) => !/^export \w+=\S+$/.test(line))).toEqual([""]);
});

/** A static program for both rings, made without any shared library on the way. */
function expectOurs(directory: string, program: string): void {
  const file = path.join(directory, program);
  const elf = parseElf(readFileSync(file), file);
  expect(elf.type).toBe("executable");
  expect(hasCallSites(elf)).toBe(true);
  const names = readdirSync(directory, { recursive: true }).map(String);
  expect(names.filter((name) => /\.so[.\d]*$/.test(name))).toEqual([]);
}

test("autotools: configure takes it for this machine's compiler, and libtool makes static libraries", async () => {
  const directory = await usePackage("lzo2");
  const { stdout } = await build(directory, "./configure --host=x86_64-ukl-linux-gnu", "make -j2");
  expect(stdout).toMatch(/whether we are cross compiling\.\.\. no/);
  expect(stdout).toMatch(/whether to build shared libraries\.\.\. no/);
  expectOurs(directory, "lzotest/lzotest");
  expect((await run(path.join(directory, "examples/simple"))).stdout).toContain("test passed");
});

test("CMake: what the project wants to be shared becomes static", async () => {
  await requireTools(ctx, ["cmake"]);
  const directory = await usePackage("lzo2");
  await build(
    directory,
    "cmake -S . -B build -DENABLE_SHARED=ON",
    "cmake --build build -j2 --target simple lzotest",
  );
  expectOurs(directory, "build/lzotest");
  expect((await run(path.join(directory, "build/simple"))).stdout).toContain("test passed");
});

test("Meson: programs that generate sources run, and so do the package's own tests", async () => {
  await requireTools(ctx, ["meson", "ninja"]);
  const directory = await usePackage("fribidi");
  const { stdout } = await build(
    directory,
    `meson setup build -Ddocs=false --cross-file ${toolchain.mesonFile}`,
    "ninja -C build",
    "meson test -C build",
  );
  expect(stdout).toMatch(/^Ok: +8/m);
  expectOurs(directory, "build/bin/fribidi");
});

test("make: a Makefile that says CC=gcc is given another one", async () => {
  const directory = await usePackage("bzip2");
  await build(directory, 'make CC="$CC" libbz2.a bzip2recover');
  expectOurs(directory, "bzip2recover");
  expect((await run(path.join(directory, "bzip2recover"))).stderr).toMatch(/^bzip2recover \d/);
});

const usesLibraries = `
  #include <event2/event.h>
  #include <liburing.h>
  #include <openssl/evp.h>
  #include <openssl/ssl.h>
  #include <stdio.h>
  #include <zlib.h>
  static int ring_works(void) {
    struct io_uring ring;
    struct io_uring_cqe *end;
    if (io_uring_queue_init(8, &ring, 0)) return 0;
    io_uring_prep_nop(io_uring_get_sqe(&ring));
    return io_uring_submit(&ring) == 1 && !io_uring_wait_cqe(&ring, &end) && end->res == 0;
  }
  int main(void) {
    unsigned char digest[32], small[100], text[100];
    unsigned long small_size = sizeof small, text_size = sizeof text;
    struct event_base *base = event_base_new();
    EVP_Digest("abc", 3, digest, NULL, EVP_sha256(), NULL);
    compress(small, &small_size, (void *)"squeezed", 9);
    uncompress(text, &text_size, small, small_size);
    printf("%02x %s %s %d %d\\n", digest[0], text, event_base_get_method(base),
           SSL_CTX_new(TLS_client_method()) != NULL, ring_works());
    return 0;
  }`;

test("the distribution's static libraries are linked as they are, found by pkg-config", async () => {
  await requireTools(ctx, [
    "pkg-config",
    "openssl-headers",
    "zlib-headers",
    "libevent-headers",
    "liburing-headers",
  ]);
  const directory = useDirectory();
  writeFileSync(path.join(directory, "uses.c"), usesLibraries);
  const libraries = '$("$PKG_CONFIG" --cflags --libs libssl libevent zlib liburing)';
  // Where they are, the system's own C library is, too.
  await build(directory, `$CC -o uses uses.c -L/usr/lib/x86_64-linux-gnu ${libraries}`);
  expect((await run(path.join(directory, "uses"))).stdout).toBe("ba squeezed epoll 1 1\n");
  expectOurs(directory, "uses");
  const symbols = execFileSync("nm", ["uses"], { cwd: directory, encoding: "utf8" });
  expect(symbols).toMatch(/ T __ukl_syscall$/m);
});

test("CMake finds them, too", async () => {
  await requireTools(ctx, ["cmake", "zlib-headers"]);
  const directory = useDirectory();
  const lists = `cmake_minimum_required(VERSION 3.13)
    project(uses C CXX)
    find_package(ZLIB REQUIRED)
    find_package(Threads REQUIRED)
    find_library(MATH m REQUIRED)
    add_library(part SHARED part.c)
    target_link_libraries(part ZLIB::ZLIB)
    add_executable(uses main.cc)
    target_link_libraries(uses part Threads::Threads \${MATH})`;
  writeFileSync(path.join(directory, "CMakeLists.txt"), lists);
  writeFileSync(
    path.join(directory, "part.c"),
    "#include <zlib.h>\nconst char *part(void) { return zlibVersion(); }\n",
  );
  const source =
    '#include <cmath>\n#include <cstdio>\nextern "C" const char *part(void);\nint main(int argc, char **) { std::printf("%s %.0f\\n", part(), std::cbrt(argc * 27.0)); }\n';
  writeFileSync(path.join(directory, "main.cc"), source);
  const { stderr } = await build(directory, "cmake -S . -B build", "cmake --build build");
  expect(stderr).toContain("Building a STATIC library instead");
  expectOurs(directory, "build/uses");
  expect((await run(path.join(directory, "build/uses"))).stdout).toMatch(/^1\.\d+\.\S+ 3\n$/);
});
