// SPDX-License-Identifier: Apache-2.0
/** What /init reports through the port ukl.status (see userland/init/host.c): one line for each event. */

export interface GuestStatus {
  readonly started: boolean;
  /** The TCP ports on which the application has begun to listen, of those that /init was told to look at. */
  readonly listening: readonly number[];
  /** Why the application could not be started. */
  readonly error: string | undefined;
  readonly end:
    | { readonly kind: "exit"; readonly status: number }
    | { readonly kind: "signal"; readonly number: number }
    | undefined;
}

/** Parses the status file; a last line without its end is not complete and left out. */
export function parseGuestStatus(text: string): GuestStatus {
  const lines = text.split("\n").slice(0, -1);
  const argument = (word: string): string | undefined =>
    lines.findLast((line) => line.startsWith(`${word} `))?.slice(word.length + 1);
  const [status, signal] = [argument("exit"), argument("signal")];
  return {
    started: lines.includes("started"),
    listening: lines.filter((line) => line.startsWith("listening ")).map((line) => Number(line.slice(10))),
    error: argument("error"),
    end:
      signal !== undefined
        ? { kind: "signal", number: Number(signal) }
        : status !== undefined
          ? { kind: "exit", status: Number(status) }
          : undefined,
  };
}
