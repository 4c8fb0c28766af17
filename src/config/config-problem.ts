// SPDX-License-Identifier: Apache-2.0
/** Says what is wrong with a configuration, in words that its author knows. */

import { z } from "zod";
import { findNearest } from "../errors/find-nearest.js";

/** The message of an issue that zod finds by itself; undefined where the schema has its own. */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : `is not ${withArticle(issue.expected)}`;
    case "invalid_value":
      return describeChoice(issue.input, issue.values.map(String));
    case "invalid_union":
      return describeMissingForm(issue) ?? describeChoice(discriminatorOf(issue), choicesOf(issue));
    case "unrecognized_keys":
      return issue.keys.map((key) => describeUnknownKey(key, knownKeys(issue.inst))).join("\n");
    case "invalid_key":
      return issue.issues.map(({ message }) => message).join(", ");
    default:
      return undefined;
  }
}

export interface ConfigProblem {
  /** Where in the configuration. */
  readonly path: readonly PropertyKey[];
  /** Reads on from the place: "is empty". */
  readonly message: string;
}

/** One problem for each thing to correct: zod has one issue for all unknown keys of an object. */
export function listProblems(issues: readonly z.core.$ZodIssue[]): ConfigProblem[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: issue.message }];
    const messages = issue.message.split("\n");
    return issue.keys.map((key, index) => ({
      path: [...issue.path, key],
      message: messages[index] ?? "",
    }));
  });
}

/** A problem as one line: `build.files[0] is empty`. */
export function formatProblem({ path, message }: ConfigProblem): string {
  const place = path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (!/^\w+$/.test(String(key))) return `${text}["${String(key)}"]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
  return `${place === "" ? "the configuration" : place} ${message}`;
}

function describeChoice(input: unknown, choices: readonly string[]): string {
  if (input === undefined) return `is missing: ${choices.join(", ")}`;
  const nearest = typeof input === "string" ? findNearest(input, choices) : undefined;
  const advice =
    nearest === undefined ? `must be one of ${choices.join(", ")}` : `did you mean "${nearest}"?`;
  return `is ${JSON.stringify(input)}: ${advice}`;
}

function describeUnknownKey(key: string, known: readonly string[]): string {
  const nearest = findNearest(key, known);
  return nearest === undefined ? "is unknown" : `is unknown: did you mean "${nearest}"?`;
}

/** `{ make: true }` for `{ system: "make" }`. */
function describeMissingForm(issue: z.core.$ZodRawIssue): string | undefined {
  const { input } = issue;
  if (discriminatorOf(issue) !== undefined || typeof input !== "object" || input === null) return undefined;
  const form = choicesOf(issue).find((choice) => choice in input);
  return form === undefined ? undefined : `is missing: write "${form}" there, not as a key`;
}

function choicesOf(issue: z.core.$ZodRawIssue): readonly string[] {
  return (issue["options"] as readonly string[] | undefined) ?? [];
}

function discriminatorOf(issue: z.core.$ZodRawIssue): unknown {
  const key = (issue as { discriminator?: string }).discriminator;
  const { input } = issue;
  return typeof input === "object" && input !== null && key !== undefined
    ? (input as Record<string, unknown>)[key]
    : undefined;
}

function knownKeys(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function withArticle(noun: string): string {
  const article = /^[aeiou]/.test(noun) ? "an" : "a";
  return `${article} ${noun === "record" ? "object" : noun}`;
}
