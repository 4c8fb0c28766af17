// SPDX-License-Identifier: Apache-2.0
/**
 * Makes of modules, which would be shared libraries elsewhere, one object to be linked into the program. What a module
 * exports goes into a table of its own, by which userland/libc/dl-open.c and dl-sym.c find it, and is then known to
 * nobody else: so any number of modules may have the same names, and the program, too.
 */

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { AppModule } from "../config/app.js";
import { type ElfFile, parseElf, sectionType } from "../elf/parse-elf.js";
import { isArchive } from "../elf/read-archive.js";
import { type ElfSymbol, readSymbols } from "../elf/read-symbols.js";
import { UklError } from "../errors/ukl-error.js";
import type { Context } from "../host/context.js";
import { runCommand } from "../host/run-command.js";
import { isSystemError } from "../host/system-error.js";

/** An object or archive, absolute, by the name that the program opens. */
export type BuiltModule = AppModule;

/**
 * Links `modules` to `output`.
 *
 * @param directory for what lies between, which stays there
 * @throws UklError APP_BUILD_FAILED when one is missing or cannot be linked
 */
export async function linkModules(
  ctx: Context,
  modules: readonly BuiltModule[],
  { directory, output, logFile }: { readonly directory: string; readonly output: string; logFile: string },
): Promise<void> {
  const ld = (...args: readonly string[]): Promise<unknown> =>
    runCommand(ctx, "ld", ["-r", ...args], { logFile });
  const script = path.join(directory, "module.ld");
  await writeFile(script, linkerScript);
  const objects: string[] = [];
  for (const [index, module] of modules.entries()) {
    const place = (extension: string): string => path.join(directory, `module${index}.${extension}`);
    await ld(
      "-T",
      script,
      "--force-group-allocation",
      "-d",
      "-o",
      place("raw.o"),
      ...(await inputOf(module)),
    );
    const symbols = findExports(parseElf(await readFile(place("raw.o")), module.file));
    await writeFile(place("S"), formatTable(module.path, symbols));
    await runCommand(ctx, "as", ["-o", place("table.o"), place("S")], { logFile });
    await ld("-o", place("o"), place("raw.o"), place("table.o"));
    // All that is defined becomes local, but for a symbol that there is not.
    await runCommand(ctx, "objcopy", ["--keep-global-symbol=", place("o")], { logFile });
    objects.push(place("o"));
  }
  await ld("-o", output, ...objects);
}

/** All of an archive, as of a shared library. */
async function inputOf({ path: name, file }: BuiltModule): Promise<string[]> {
  try {
    const bytes = await readFile(file);
    if (isArchive(bytes)) return ["--whole-archive", file, "--no-whole-archive"];
    if (parseElf(bytes, file).type === "relocatable") return [file];
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTDIR", "EISDIR")) throw error;
    throw cannotLink(name, `the build left no "${file}"`, 'Correct "modules" in its configuration');
  }
  throw cannotLink(
    name,
    `"${file}" is neither an object nor an archive`,
    "The build must take its compiler from the variable CC (and CXX), and link the module with -shared",
  );
}

function cannotLink(name: string, reason: string, hint: string): UklError {
  return new UklError("APP_BUILD_FAILED", `Cannot link the module "${name}": ${reason}`, { hint });
}

/** Its constructors and destructors run when it is opened, not when the program starts. */
const linkerScript = `SECTIONS
{
  .ukl.init 0 : {
    __ukl_module_init = .;
    KEEP (*(SORT_BY_INIT_PRIORITY(.init_array.*) SORT_BY_INIT_PRIORITY(.ctors.*)))
    KEEP (*(.init_array .ctors))
    __ukl_module_init_end = .;
  }
  .ukl.fini 0 : {
    __ukl_module_fini = .;
    KEEP (*(SORT_BY_INIT_PRIORITY(.fini_array.*) SORT_BY_INIT_PRIORITY(.dtors.*)))
    KEEP (*(.fini_array .dtors))
    __ukl_module_fini_end = .;
  }
}
`;

/** What a shared library of these objects would export, sorted as strcmp() has it. */
function findExports(elf: ElfFile): ElfSymbol[] {
  return readSymbols(elf, sectionType.symbolTable)
    .filter(
      ({ binding, section, isHidden, name }) =>
        binding !== "local" && section !== undefined && !isHidden && !name.startsWith("__ukl_module_"),
    )
    .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

/** struct ukl_module and struct ukl_symbol of userland/libc/modules.h. */
function formatTable(name: string, symbols: readonly ElfSymbol[]): string {
  const entries = symbols.map((symbol, index) => {
    const isThreadLocal = symbol.kind === "tls";
    const value = quote(symbol.name) + (isThreadLocal ? "@tpoff" : "");
    return `\t.quad .Lname${index}, ${value}, ${isThreadLocal ? 1 : 0}\n`;
  });
  const names = symbols.map((symbol, index) => `.Lname${index}:\t.asciz ${quote(symbol.name)}\n`);
  const bounds = ["init", "fini"].map((list) => `__ukl_module_${list}, __ukl_module_${list}_end`);
  return `	.section ukl_modules, "a"
	.balign	8
	.quad	.Lname, .Lsymbols, .Lsymbols_end, ${bounds.join(", ")}
	.section .rodata.ukl_symbols, "a"
	.balign	8
.Lsymbols:
${entries.join("")}.Lsymbols_end:
	.section .rodata.ukl_names, "a"
.Lname:	.asciz ${quote(name)}
${names.join("")}	.section .note.GNU-stack, "", @progbits
`;
}

/** The assembler takes any name, and any string, this way. */
function quote(text: string): string {
  const toOctal = (character: string): string =>
    [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  return `"${text.replaceAll(/[^\w !#-[\]-~]/g, toOctal)}"`;
}
