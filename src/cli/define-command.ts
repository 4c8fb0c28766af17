// SPDX-License-Identifier: Apache-2.0
/**
 * Defines one command of the command line. Adds the flags that every command has, makes the
 * context for its run, and hands what it returns or throws to main: a command
 * never prints its errors and never ends the process.
 */

import {
  type Aliases,
  type BaseArgs,
  type BaseFlags,
  buildCommand,
  type Command,
  type CommandContext,
  type FlagParametersForType,
  type TypedCommandParameters,
  type TypedPositionalParameters,
} from "@stricli/core";
import { UklError } from "../errors/ukl-error.js";
import { createContext } from "../host/context.js";
import { createTerminalLog } from "../log/terminal-log.js";
import type { CommonFlags, Invocation } from "./invocation.js";
import { findTerminal } from "./terminal.js";

/** What main gives to a command through stricli, and gets back from it. */
export interface CliContext extends CommandContext {
  readonly signal: AbortSignal;
  readonly passthrough: readonly string[];
  outcome: Outcome;
}

export type Outcome = { readonly status: number } | { readonly error: unknown };

export interface CommandDefinition<Flags extends BaseFlags, Args extends BaseArgs> {
  /** Longer than the brief in the command table; shown by --help. */
  readonly description?: string;
  readonly flags: FlagParametersForType<Flags, CliContext>;
  readonly aliases?: Aliases<keyof Flags & string>;
  readonly positional?: TypedPositionalParameters<Args, CliContext>;
  /** Whether the command takes arguments after `--`. */
  readonly takesPassthrough?: boolean;
  /** Does the work; returns the exit status, 0 when it returns nothing. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most commands have no status to return
  readonly run: (invocation: Invocation<Flags, Args>) => Promise<number | void>;
}

/** A command that still needs its one-line description, which the command table has. */
export type DefinedCommand = (brief: string) => Command<CliContext>;

/**
 * @example
 * export const command = defineCommand<{ readonly json?: boolean }, [name: string]>({
 *   flags: { json: jsonFlag },
 *   positional: { kind: "tuple", parameters: [{ brief: "The machine", parse: String, placeholder: "NAME" }] },
 *   run: async ({ ctx, flags, args: [name], print }) => { print(name); return 0; },
 * });
 */
export function defineCommand<Flags extends BaseFlags, Args extends BaseArgs = []>(
  definition: CommandDefinition<Flags, Args>,
): DefinedCommand {
  const parameters = {
    flags: { ...definition.flags, ...commonFlags },
    aliases: { ...definition.aliases, v: "verbose", y: "yes" },
    positional: definition.positional ?? { kind: "tuple", parameters: [] },
  } as unknown as TypedCommandParameters<Flags & CommonFlags, Args, CliContext>;
  return (brief) =>
    buildCommand<Flags & CommonFlags, Args, CliContext>({
      parameters,
      docs:
        definition.description === undefined
          ? { brief }
          : { brief, fullDescription: `${brief}\n\n${definition.description}` },
      async func(this: CliContext, flags: Flags & CommonFlags, ...args: Args): Promise<void> {
        this.outcome = await runDefinition(definition, this, flags, args);
      },
    });
}

/** For commands whose result a program may want to read. */
export const jsonFlag = {
  kind: "boolean",
  brief: "Print the result as JSON",
  optional: true,
  withNegated: false,
} as const;

const commonFlags = {
  verbose: {
    kind: "counter",
    brief: "Show commands and decisions; twice: their output too",
    optional: true,
  },
  yes: {
    kind: "boolean",
    brief: "Ask nothing; install what is missing",
    optional: true,
    withNegated: false,
  },
} as const satisfies FlagParametersForType<CommonFlags, CliContext>;

async function runDefinition<Flags extends BaseFlags, Args extends BaseArgs>(
  definition: CommandDefinition<Flags, Args>,
  cli: CliContext,
  flags: Flags & CommonFlags,
  args: Args,
): Promise<Outcome> {
  try {
    if (cli.passthrough.length > 0 && definition.takesPassthrough !== true) {
      throw new UklError("USAGE_INVALID", 'Cannot use arguments after "--": this command takes none');
    }
    const status = await definition.run({
      ctx: createCommandContext(cli.signal, flags),
      flags,
      args,
      passthrough: cli.passthrough,
      // Whether the stream is full is no status of the command's.
      print: (text) => void cli.process.stdout.write(`${text}\n`),
    });
    return { status: status ?? 0 };
  } catch (error) {
    return { error };
  }
}

function createCommandContext(signal: AbortSignal, flags: CommonFlags) {
  const inCi = process.env["CI"] === "true";
  const terminal = findTerminal(process.stderr);
  return createContext({
    signal,
    assumeYes: flags.yes === true || inCi,
    interactive: process.stdin.isTTY === true && terminal.tty && !inCi,
    log: createTerminalLog({ stream: process.stderr, verbosity: flags.verbose ?? 0, ...terminal }),
  });
}
