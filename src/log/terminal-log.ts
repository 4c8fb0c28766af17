// SPDX-License-Identifier: Apache-2.0
/**
 * The log of the command line: nested steps with their elapsed time, on a terminal
 * with one live line at the bottom, elsewhere as plain lines.
 *
 * A step is printed once, when it ends. Its title is printed beforehand only when
 * something has to appear below it, or, without a terminal, when it takes long enough
 * for a reader to wonder what is going on.
 */

import { formatDuration } from "./format-duration.js";
import type { Log } from "./log.js";
import { Screen, type TerminalStream } from "./screen.js";

export interface TerminalLogOptions {
  readonly stream: TerminalStream;
  /** 0: steps and messages; 1 (-v): details too; 2 (-vv): the output of commands too. */
  readonly verbosity: number;
  readonly color: boolean;
  /** Whether the stream understands carriage return and erase. */
  readonly tty: boolean;
}

/** Creates the log that the command line writes to stderr. */
export function createTerminalLog(options: TerminalLogOptions): Log {
  return new StepLog(new Screen(options), options.verbosity, undefined);
}

const announceAfterMs = 2_000;
const tickMs = 1_000;
/** Without a terminal, how often a step whose end is not known says how far it is. */
const heartbeatMs = 30_000;

class StepLog implements Log {
  readonly #screen: Screen;
  readonly #verbosity: number;
  readonly #step: Step | undefined;

  constructor(screen: Screen, verbosity: number, step: Step | undefined) {
    this.#screen = screen;
    this.#verbosity = verbosity;
    this.#step = step;
  }

  async step<T>(title: string, run: (log: Log) => Promise<T>): Promise<T> {
    const step = new Step(this.#screen, title, this.#step);
    try {
      const result = await run(new StepLog(this.#screen, this.#verbosity, step));
      step.end();
      return result;
    } catch (error) {
      step.fail(error);
      throw error;
    }
  }

  info(text: string): void {
    this.#print(text);
  }

  warn(text: string): void {
    this.#print(`${this.#screen.colors.yellow("Warning:")} ${text}`);
  }

  detail(text: string): void {
    if (this.#verbosity >= 1) this.#print(this.#screen.colors.dim(text));
  }

  output(text: string): void {
    if (this.#verbosity >= 2) this.#print(this.#screen.colors.dim(text.trimEnd()));
  }

  progress(done: number, total: number | undefined): void {
    this.#step?.progress(done, total);
  }

  #print(text: string): void {
    this.#step?.announce();
    this.#screen.print(indented(text, this.#step === undefined ? 0 : this.#step.depth + 1));
  }
}

/** Errors that an inner step has already marked, so that outer steps only appear in parentheses. */
const reportedErrors = new WeakSet<object>();

class Step {
  readonly depth: number;
  readonly #screen: Screen;
  readonly #title: string;
  readonly #parent: Step | undefined;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #announced = false;
  #progress = "";
  #tenth = 0;
  #printedAt = performance.now();

  constructor(screen: Screen, title: string, parent: Step | undefined) {
    this.#screen = screen;
    this.#title = title;
    this.#parent = parent;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
    this.#timer = screen.tty
      ? setInterval(() => this.#draw(), tickMs)
      : setTimeout(() => this.announce(), announceAfterMs);
    this.#timer.unref();
    parent?.announce();
    this.#draw();
  }

  /** Prints the title, once, because something follows that belongs below it. */
  announce(): void {
    if (this.#announced) return;
    this.#parent?.announce();
    this.#announced = true;
    this.#screen.print(indented(`${this.#title} …`, this.depth));
  }

  progress(done: number, total: number | undefined): void {
    this.#progress = total === undefined ? `${done}` : `${done} of ${total}`;
    if (this.#screen.tty) this.#draw();
    else if (total === undefined) this.#printHeartbeat(done);
    else this.#printTenth(done, total);
  }

  end(): void {
    this.#close();
    const { green, dim } = this.#screen.colors;
    this.#screen.print(indented(`${green("✓")} ${this.#title} ${dim(`(${this.#elapsed()})`)}`, this.depth));
  }

  fail(error: unknown): void {
    this.#close();
    const { red, dim } = this.#screen.colors;
    const isOuter = typeof error === "object" && error !== null && reportedErrors.has(error);
    if (typeof error === "object" && error !== null) reportedErrors.add(error);
    this.#screen.print(
      isOuter
        ? indented(dim(`(${this.#title})`), this.depth)
        : indented(`${red("✗")} ${this.#title} ${dim(`(${this.#elapsed()})`)}`, this.depth),
    );
  }

  #close(): void {
    clearInterval(this.#timer);
    this.#screen.erase(this);
  }

  #draw(): void {
    const progress = this.#progress === "" ? "" : `${this.#progress}, `;
    this.#screen.draw(this, indented(`${this.#title} (${progress}${this.#elapsed()})`, this.depth));
  }

  /** Without a terminal a line for each tenth shows that it goes on, and fills no log file. */
  #printTenth(done: number, total: number): void {
    const tenth = Math.min(10, Math.floor((10 * done) / Math.max(1, total)));
    if (tenth <= this.#tenth) return;
    this.#tenth = tenth;
    this.announce();
    this.#screen.print(indented(this.#progress, this.depth + 1));
  }

  #printHeartbeat(done: number): void {
    const now = performance.now();
    if (now - this.#printedAt < heartbeatMs) return;
    this.#printedAt = now;
    this.announce();
    this.#screen.print(indented(`${done} so far`, this.depth + 1));
  }

  #elapsed(): string {
    return formatDuration(performance.now() - this.#startedAt);
  }
}

function indented(text: string, depth: number): string {
  const indent = "  ".repeat(depth);
  return indent + text.replaceAll("\n", `\n${indent}`);
}
