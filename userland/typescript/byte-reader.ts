// SPDX-License-Identifier: MIT
/** What has been read of a connection and not yet been used. */

import type { Connection } from "ukl:net";

export class ByteReader {
  readonly #connection: Pick<Connection, "read">;
  #bytes: Uint8Array = new Uint8Array();

  constructor(connection: Pick<Connection, "read">) {
    this.#connection = connection;
  }

  /** Whether anything is there that can be used without waiting. */
  get hasBytes(): boolean {
    return this.#bytes.length > 0;
  }

  /** At most so many bytes, but one at least; undefined at the end. */
  async readSome(maxBytes: number): Promise<Uint8Array | undefined> {
    if (this.#bytes.length === 0 && !(await this.#more())) return undefined;
    return this.#take(Math.min(maxBytes, this.#bytes.length));
  }

  /**
   * What comes before a mark, which is used up too.
   *
   * @returns undefined at the end, "too long" when more than `maxBytes` come without it
   */
  async readBefore(mark: string, maxBytes: number): Promise<Uint8Array | "too long" | undefined> {
    for (let searched = 0; ; ) {
      const place = this.#find(mark, searched);
      if (place >= 0 && place <= maxBytes) {
        const before = this.#take(place);
        this.#take(mark.length);
        return before;
      }
      if (place > maxBytes || this.#bytes.length > maxBytes + mark.length) return "too long";
      searched = Math.max(0, this.#bytes.length - mark.length + 1);
      if (!(await this.#more())) return undefined;
    }
  }

  #find(mark: string, from: number): number {
    const [first = 0, ...rest] = Array.from(mark, (character) => character.charCodeAt(0));
    for (let at = this.#bytes.indexOf(first, from); at >= 0; at = this.#bytes.indexOf(first, at + 1))
      if (rest.every((byte, index) => this.#bytes[at + 1 + index] === byte)) return at;
    return -1;
  }

  #take(count: number): Uint8Array {
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    const piece = await this.#connection.read();
    if (piece === undefined) return false;
    if (this.#bytes.length === 0) this.#bytes = piece;
    else {
      const joined = new Uint8Array(this.#bytes.length + piece.length);
      joined.set(this.#bytes);
      joined.set(piece, this.#bytes.length);
      this.#bytes = joined;
    }
    return true;
  }
}
