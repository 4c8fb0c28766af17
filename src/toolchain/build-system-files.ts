// SPDX-License-Identifier: Apache-2.0
/**
 * What build systems are told of the target. For all of them it is a build for this machine: what they build runs here,
 * so that their tests of the compiler run, and programs that generate code.
 */

import path from "node:path";
import type { ToolchainPlaces } from "./toolchain-places.js";

/** The texts, by their path relative to the toolchain. */
export function buildSystemFiles(places: ToolchainPlaces): Record<string, string> {
  const texts: Record<string, string> = {
    [places.configSite]: configSite,
    [places.cmakeFile]: cmakeFile(places),
    [places.cmakeRules]: cmakeRules,
    [places.mesonFile]: mesonFile(places),
  };
  return Object.fromEntries(
    Object.entries(texts).map(([file, text]) => [path.relative(places.path, file), text]),
  );
}

/** Sourced by configure after it has read its arguments. */
const configSite = `# What configure scripts of GNU Autoconf take for granted; arguments on the command line win.
: "\${enable_shared=no}" "\${enable_static=yes}"
`;

function cmakeFile({ cc, cxx, pkgConfig, sysroot, cmakeRules }: ToolchainPlaces): string {
  return `# cmake --toolchain THIS-FILE
if(NOT CMAKE_C_COMPILER)
  set(CMAKE_C_COMPILER ${quoteForCmake(cc)})
endif()
if(NOT CMAKE_CXX_COMPILER)
  set(CMAKE_CXX_COMPILER ${quoteForCmake(cxx)})
endif()
# Before the system's own: the C library is there.
list(PREPEND CMAKE_FIND_ROOT_PATH ${quoteForCmake(sysroot)})
set(PKG_CONFIG_EXECUTABLE ${quoteForCmake(pkgConfig)} CACHE FILEPATH "")
set(BUILD_SHARED_LIBS OFF CACHE BOOL "Shared libraries do not exist in Unikernel Linux")
set(CMAKE_USER_MAKE_RULES_OVERRIDE ${quoteForCmake(cmakeRules)})
`;
}

/** With the property, a library that a project wants to be shared becomes a static one, with a warning. */
const cmakeRules = `# Read by cmake after its own description of Linux, which it corrects.
set(CMAKE_FIND_LIBRARY_SUFFIXES ".a")
set_property(GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS FALSE)
`;

/** A cross file, because only that takes effect over what the project prefers. */
function mesonFile({ bin, cc, cxx, pkgConfig }: ToolchainPlaces): string {
  const prefix = path.join(bin, path.basename(cc).replace(/gcc$/, ""));
  const tool = (name: string): string => quoteForMeson(`${prefix}${name}`);
  return `# meson setup --cross-file THIS-FILE
[binaries]
c = ${quoteForMeson(cc)}
cpp = ${quoteForMeson(cxx)}
ar = ${tool("gcc-ar")}
nm = ${tool("gcc-nm")}
ranlib = ${tool("gcc-ranlib")}
strip = ${tool("strip")}
objcopy = ${tool("objcopy")}
# The second name is for Meson 1.3 and later.
pkgconfig = ${quoteForMeson(pkgConfig)}
pkg-config = ${quoteForMeson(pkgConfig)}

[built-in options]
default_library = 'static'
prefer_static = true

[properties]
needs_exe_wrapper = false

[host_machine]
system = 'linux'
cpu_family = 'x86_64'
cpu = 'x86_64'
endian = 'little'
`;
}

function quoteForCmake(text: string): string {
  return `"${text.replaceAll(/["\\$]/g, "\\$&")}"`;
}

function quoteForMeson(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
