// SPDX-License-Identifier: Apache-2.0
/**
 * The commands of the toolchain: small shell scripts, because configure scripts run them hundreds of times. Those of gcc
 * parse nothing: what there is to add and to drop is in ukl.specs. Clang has no specs, so its scripts do the same.
 */

import { quoteForShell } from "../host/format-command.js";
import type { HostCompiler } from "./host-compiler.js";
import { type ToolchainPlaces, targetTriple } from "./toolchain-places.js";

/** Need nothing but their name, by which cross builds find them. */
const plainTools =
  "ar ranlib ld nm strip objcopy objdump readelf size strings addr2line gcc-ar gcc-nm gcc-ranlib".split(" ");

/** The scripts by name. */
export function compilerWrappers(places: ToolchainPlaces, compiler: HostCompiler): Record<string, string> {
  const gcc = gccScript(compiler.cc, places);
  const gxx = gccScript(compiler.cxx, places);
  const scripts: Record<string, string> = {
    gcc,
    cc: gcc,
    "g++": gxx,
    "c++": gxx,
    clang: clangScript("clang", places, ["-Werror=implicit-function-declaration"]),
    "clang++": clangScript("clang++", places, []),
    as: execScript([places.assembler]),
    "pkg-config": pkgConfigScript,
    ...Object.fromEntries(plainTools.map((tool) => [tool, execScript([tool])])),
  };
  return Object.fromEntries(
    Object.entries(scripts).map(([name, script]) => [`${targetTriple}-${name}`, script]),
  );
}

function execScript(command: readonly string[]): string {
  return `#!/bin/sh\nexec ${quoteAll(command)} "$@"\n`;
}

function quoteAll(words: readonly string[]): string {
  return words.map(quoteForShell).join(" ");
}

function gccScript(driver: string, places: ToolchainPlaces): string {
  return execScript([
    driver,
    `-specs=${places.specs}`,
    `-B${places.lib}/`,
    `-B${places.sysroot}/usr/lib/`,
    ...commonOptions(places),
  ]);
}

function commonOptions({ sysroot }: ToolchainPlaces): string[] {
  // Debug information must not tell where the cache is: the same source gives the same program.
  return [`--sysroot=${sysroot}`, `-ffile-prefix-map=${sysroot}=`];
}

/** Gives the system's libraries the directories in which they are found by gcc. */
const systemLibraries = "/usr/lib/x86_64-linux-gnu";

/**
 * What stands before the caller's arguments is found before theirs; of two that contradict each other, the last one
 * counts. Link-time optimisation would assemble inside of the linker, past our assembler.
 */
function clangScript(driver: string, places: ToolchainPlaces, flags: readonly string[]): string {
  const before = [
    "--gcc-toolchain=/usr",
    // Its crt1.o has the start object in it, because Clang knows of no other.
    ...[`-B${places.clangLib}/`, `-B${places.lib}/`, `-B${places.sysroot}/usr/lib/`],
    `-L${places.sysroot}/usr/lib`,
    ...commonOptions(places),
    ...flags,
  ];
  const after = [
    ...["-static", "-fno-pic", "-fno-pie", "-mno-red-zone", "-fno-integrated-as", "-fno-lto"],
    `-L${systemLibraries}`,
    ...["-idirafter", "/usr/include/x86_64-linux-gnu", "-idirafter", "/usr/include"],
  ];
  const quiet = (options: readonly string[]): string =>
    quoteAll(["--start-no-unused-arguments", ...options, "--end-no-unused-arguments"]);
  return `#!/bin/sh
command -v ${driver} >/dev/null || {
	echo '${targetTriple}-${driver}: ${driver} is not installed. Install it: sudo apt-get install clang' >&2
	exit 127
}
for argument do
	shift
	case $argument in
	-shared)
		echo '${targetTriple}-${driver}: error: ${noSharedLibraries}' >&2
		exit 1
		;;
	-fPIC | -fpic | -fPIE | -fpie | -pie | -static-pie | -no-pie | -rdynamic) ;;
	-mred-zone | -mcmodel=* | -fintegrated-as | -flto*) ;;
	*) set -- "$@" "$argument" ;;
	esac
done
exec ${driver} ${quiet(before)} "$@" ${quiet(after)}
`;
}

/** As in ukl.specs. */
const noSharedLibraries =
  "shared libraries do not exist in Unikernel Linux: build a static library (configure --disable-shared, cmake -DBUILD_SHARED_LIBS=OFF, meson --default-library=static)";

/** Libraries are linked statically, which takes those that they need, too. */
const pkgConfigScript = `#!/bin/sh
command -v pkg-config >/dev/null || {
	echo '${targetTriple}-pkg-config: pkg-config is not installed. Install it: sudo apt-get install pkg-config' >&2
	exit 127
}
exec pkg-config --static "$@"
`;
