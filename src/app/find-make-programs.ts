// SPDX-License-Identifier: Apache-2.0
/** Reads off a makefile which programs it builds, without running it: even `make -n` runs what `$(shell …)` says. */

interface Rule {
  readonly targets: readonly string[];
  readonly prerequisites: readonly string[];
  readonly hasRecipe: boolean;
}

/**
 * The programs of the default goal, the likeliest first.
 *
 * @param hint what the program may be called: that name comes first
 */
export function findMakePrograms(text: string, hint: string): string[] {
  const lines = text.replaceAll(/\\\n\s*/g, " ").split("\n");
  const variables = readVariables(lines);
  const rules = readRules(lines, variables);
  const phony = new Set(
    rules.filter(({ targets }) => targets.includes(".PHONY")).flatMap(({ prerequisites }) => prerequisites),
  );
  const goal = rules.flatMap(({ targets }) => targets).find((target) => !/^\.|%/.test(target));
  if (goal === undefined) return [];
  const programs = followGoal(goal, rules, phony, new Set()).filter((name) => !notProgram.test(name));
  const rank = (name: string): number => (name.endsWith(hint) ? 0 : /server|daemon|d$/.test(name) ? 1 : 2);
  return [...new Set(programs)].sort((a, b) => rank(a) - rank(b));
}

/** What compilers and archivers write, sources, and names that were not understood. */
const notProgram = /\.(o|lo|a|la|so[\d.]*|h|c|cc|cpp|d|txt|pc|in|1|8)$|[^\w./+-]/;

function readVariables(lines: readonly string[]): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", operator, value = ""] = /^\s*([\w.-]+)\s*(\?|:{1,2}|\+)?=\s*([^#]*)/.exec(line) ?? [];
    if (name === "" || line.startsWith("\t") || (operator === "?" && variables.has(name))) continue;
    const before = operator === "+" ? `${variables.get(name) ?? ""} ` : "";
    variables.set(name, before + value.trim());
  }
  return variables;
}

function readRules(lines: readonly string[], variables: ReadonlyMap<string, string>): Rule[] {
  return lines.flatMap((line, index) => {
    const [, targets, prerequisites = ""] =
      /^([^\t#=:][^#=:]*?)\s*::?(?!=)\s*([^#=;]*)(?:;.*)?$/.exec(line) ?? [];
    if (targets === undefined) return [];
    const hasRecipe = /^\t/.test(lines[index + 1] ?? "") || line.includes(";");
    const words = (text: string): string[] =>
      expand(text, variables)
        .split(/\s+/)
        .filter((word) => word !== "");
    return [{ targets: words(targets), prerequisites: words(prerequisites), hasRecipe }];
  });
}

/** Replaces $(NAME) and ${NAME}; whatever else make can do stays as it is, and is then no name. */
function expand(text: string, variables: ReadonlyMap<string, string>, depth = 0): string {
  if (depth > 10) return text;
  return text.replaceAll(/\$[({]([\w.-]+)[)}]/g, (whole, name: string) => {
    if (name === "EXEEXT") return "";
    const value = variables.get(name);
    return value === undefined ? whole : expand(value, variables, depth + 1);
  });
}

/** A goal that is only a name for others stands for those. */
function followGoal(
  goal: string,
  rules: readonly Rule[],
  phony: ReadonlySet<string>,
  seen: Set<string>,
): string[] {
  if (seen.has(goal)) return [];
  seen.add(goal);
  const own = rules.filter(({ targets }) => targets.includes(goal));
  const isName =
    phony.has(goal) || /^(all|default|build)$/.test(goal) || !own.some(({ hasRecipe }) => hasRecipe);
  if (!isName || own.length === 0) return [goal];
  return own.flatMap(({ prerequisites }) =>
    prerequisites.flatMap((prerequisite) => followGoal(prerequisite, rules, phony, seen)),
  );
}
