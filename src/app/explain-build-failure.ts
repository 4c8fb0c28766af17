// SPDX-License-Identifier: Apache-2.0
/** Says of a failed build what is known to help. */

import { UklError } from "../errors/ukl-error.js";

/** A failed command of a build, as the application's failure; anything else unchanged. */
export function explainBuildFailure(name: string, error: unknown): unknown {
  if (!(error instanceof UklError) || error.code !== "HOST_COMMAND_FAILED") return error;
  const hints = [adviseBuild(error.message), error.hint].filter((hint) => hint !== undefined);
  return new UklError("APP_BUILD_FAILED", `Cannot build "${name}": ${error.message}`, {
    ...(hints.length === 0 ? {} : { hint: hints.join("\n") }),
    cause: error,
  });
}

/** The next step after what a compiler or linker said; undefined when its words must do. */
export function adviseBuild(output: string): string | undefined {
  for (const [pattern, advise] of advices) {
    const match = pattern.exec(output);
    if (match !== null) return advise(match[1] ?? "");
  }
  return undefined;
}

const advices: readonly (readonly [pattern: RegExp, advise: (word: string) => string])[] = [
  [
    /shared libraries do not exist in Unikernel Linux/,
    () => 'Leave shared libraries out of the build: in "options", or by naming the program in "targets"',
  ],
  [
    /cannot find -l([\w+.-]+)/,
    (library) =>
      `Programs are linked statically: install the Debian package that has lib${library}.a (its name ends with -dev), or take "${library}" out of the build`,
  ],
  [
    /attempted static link of dynamic object `([^']+)'/,
    (file) => `Programs are linked statically: give the build the .a file in place of "${file}"`,
  ],
  [
    /undefined reference to `([^']+)'/,
    (symbol) =>
      `Link the library that has "${symbol}": in "libraries" of a configuration with "c", in the build's own description otherwise`,
  ],
  [
    /fatal error: (\S+): No such file or directory/,
    (header) => `Install the Debian package that has ${header}: apt-file search ${header}`,
  ],
];
