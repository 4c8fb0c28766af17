// SPDX-License-Identifier: Apache-2.0
/** The command line as stricli sees it: the command that was typed, loaded, among the descriptions of the others. */

import {
  type Application,
  buildApplication,
  buildCommand,
  buildRouteMap,
  type Command,
  help,
  type RouteMap,
  version,
} from "@stricli/core";
import { type CommandEntry, commandTable, type TableEntry } from "./command-table.js";
import type { CliContext } from "./define-command.js";
import { findTerminal } from "./terminal.js";

/**
 * Builds the application for one command line.
 *
 * @param inputs the words of the command line; the first ones choose what is loaded
 */
export async function buildCommandLine(
  inputs: readonly string[],
  currentVersion: string,
): Promise<Application<CliContext>> {
  const brief = "Unikernel Linux: one application and Linux in one bootable file";
  const root = await buildGroup(brief, commandTable, inputs);
  return buildApplication(
    root,
    { name: "ukl", scanner: { caseStyle: "allow-kebab-for-camel" }, documentation: formatting },
    {
      help: help({ brief: "Print this help", defaultForRouteMap: true, formatting }),
      version: version({ brief: "Print the version", alias: "V", info: { currentVersion } }),
    },
  );
}

const formatting = {
  useAliasInUsageLine: false,
  onlyRequiredInUsageLine: true,
  caseStyle: "convert-camel-to-kebab",
  disableAnsiColor: !findTerminal(process.stdout).color,
} as const;

async function buildGroup(
  brief: string,
  table: Readonly<Record<string, TableEntry>>,
  [word, ...rest]: readonly string[],
): Promise<RouteMap<CliContext>> {
  const routes: Record<string, Command<CliContext> | RouteMap<CliContext>> = {};
  for (const [name, entry] of Object.entries(table)) {
    if ("commands" in entry)
      routes[name] = await buildGroup(entry.brief, entry.commands, name === word ? rest : []);
    else routes[name] = name === word ? (await entry.load()).command(entry.brief) : placeholder(entry);
  }
  return buildRouteMap<string, CliContext>({ routes, docs: { brief } });
}

/** Stands for a command that was not typed, in help and in suggestions. */
function placeholder({ brief }: CommandEntry): Command<CliContext> {
  return buildCommand<NonNullable<unknown>, [], CliContext>({
    parameters: {},
    docs: { brief },
    func: () => new Error("a command that was not typed cannot run"),
  });
}
