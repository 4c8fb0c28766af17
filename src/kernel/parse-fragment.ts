// SPDX-License-Identifier: Apache-2.0
/** What a configuration fragment says: options for Kconfig, flags for the compiler, and why. */

export interface Fragment {
  /** Lines as in a .config. */
  readonly options: readonly string[];
  /** Of lines such as KCFLAGS=-O3: what Kconfig has no option for, and kbuild appends to its own flags. */
  readonly compilerFlags: readonly string[];
}

/** One decision of a fragment: lines that belong together, under their comment. */
export interface FragmentPart extends Fragment {
  /** "JUMP_LABEL", "no SLUB_DEBUG", "-O3": what it switches on, or else off. */
  readonly name: string;
}

export function parseFragment(text: string): Fragment {
  const lines = text.split("\n");
  return {
    options: lines.filter((line) => optionPattern.test(line)),
    compilerFlags: lines.flatMap((line) => flagsPattern.exec(line)?.[1]?.split(" ") ?? []),
  };
}

/** The decisions of a fragment, which are apart by empty lines. */
export function parseFragmentParts(text: string): FragmentPart[] {
  return text
    .split(/\n\s*\n/)
    .map(parseFragment)
    .filter(({ options, compilerFlags }) => options.length + compilerFlags.length > 0)
    .map((part) => ({ ...part, name: nameOf(part) }));
}

const optionPattern = /^CONFIG_\w+=|^# CONFIG_\w+ is not set$/;
const flagsPattern = /^KCFLAGS=(.+)$/;

function nameOf({ options, compilerFlags }: Fragment): string {
  const on = options.flatMap((line) => /^CONFIG_(\w+)=/.exec(line)?.[1] ?? []);
  const off = options.flatMap((line) => /^# CONFIG_(\w+) /.exec(line)?.[1] ?? []);
  return on[0] ?? (off[0] === undefined ? compilerFlags.join(" ") : `no ${off[0]}`);
}
