// SPDX-License-Identifier: Apache-2.0
/**
 * Lines that stay, above one live line that does not. The live line belongs to the
 * step that drew last; printing moves it down. Without a terminal there is none.
 */

import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";

export interface TerminalStream {
  readonly columns?: number;
  write(text: string): unknown;
}

export type Colors = ReturnType<typeof pc.createColors>;

export interface ScreenOptions {
  readonly stream: TerminalStream;
  readonly color: boolean;
  readonly tty: boolean;
}

const eraseLine = "\r\u001B[K";

export class Screen {
  readonly tty: boolean;
  readonly colors: Colors;
  readonly #stream: TerminalStream;
  #live = "";
  #owner: object | undefined;

  constructor({ stream, color, tty }: ScreenOptions) {
    this.#stream = stream;
    this.colors = pc.createColors(color);
    this.tty = tty;
  }

  /** Writes lines that stay. */
  print(text: string): void {
    this.#stream.write(this.#live === "" ? `${text}\n` : `${eraseLine}${text}\n${this.#live}`);
  }

  /** Replaces the live line; `owner` is who may erase it. Does nothing without a terminal. */
  draw(owner: object, text: string): void {
    if (!this.tty) return;
    this.#owner = owner;
    this.#live = fitted(text, this.#stream.columns ?? 80);
    this.#stream.write(eraseLine + this.#live);
  }

  /** Removes the live line if `owner` drew it last. */
  erase(owner: object): void {
    if (this.#owner !== owner) return;
    this.#owner = undefined;
    if (this.#live !== "") this.#stream.write(eraseLine);
    this.#live = "";
  }
}

/** A live line that wraps cannot be erased. */
function fitted(text: string, columns: number): string {
  const plain = stripVTControlCharacters(text);
  return plain.length < columns ? plain : `${plain.slice(0, Math.max(0, columns - 2))}…`;
}
