// SPDX-License-Identifier: Apache-2.0
/** `ukl bench profile`: in which parts of the kernel the instructions of a request are. */

import { type Application, applicationSuite } from "../../bench/application.js";
import { deriveDifference, derivedLimits } from "../../bench/derive-cycles.js";
import { derivedHeads, derivedLegend, derivedTitle, listDerived } from "../../bench/format-derived.js";
import { formatEvents, formatProfile, listAreas, listEvents } from "../../bench/format-profile.js";
import { memcached } from "../../bench/memcached.js";
import { nginx } from "../../bench/nginx.js";
import { postgresql } from "../../bench/postgresql.js";
import { profileServer } from "../../bench/profile-server.js";
import { redis } from "../../bench/redis.js";
import { selectLevels } from "../../bench/run-bench.js";
import { type ServerProfile, sumAreas } from "../../bench/server-profile.js";
import { configuredVariant, variantOf } from "../../bench/variant.js";
import { requireTools } from "../../host/require-tools.js";
import { loadFragments } from "../../kernel/series.js";
import { defineCommand } from "../define-command.js";
import { formatTable } from "../format-table.js";
import { deliver, requireReportFile } from "../report-file.js";
import { type BenchFlags, benchFlags } from "../run-bench-command.js";

const applications: Readonly<Record<string, Application>> = { redis, memcached, nginx, postgresql };

type Flags = Pick<BenchFlags, "level" | "kernelConfig" | "report" | "json"> & { readonly request?: string };

const { level, kernelConfig, report, json } = benchFlags;

export const command = defineCommand<Flags, [application: keyof typeof applications & string]>({
  description: `The server's instructions of one request, by part of the kernel: from the switch to the server to the switch away from it,
with the interrupts that come meanwhile, which over loopback do half of the client's work. It is therefore more than "ukl bench"
counts, by the scheduler's clock. A plugin of the emulator looks at each instruction and changes none. What the differences to stock
Linux may be worth in cycles is estimated, term by term, from published costs.`,
  flags: {
    ...{ level, kernelConfig, report, json },
    request: {
      kind: "parsed",
      parse: String,
      brief: "Which one, as ukl bench names it; default the first: get",
      placeholder: "NAME",
      optional: true,
    },
  },
  positional: {
    kind: "tuple",
    parameters: [
      {
        brief: `The server: ${Object.keys(applications).join(", ")}`,
        parse: parseApplication,
        placeholder: "NAME",
      },
    ],
  },
  run: async ({ ctx, flags, args: [name], print }) => {
    const application = applications[name] as Application;
    const request = flags.request ?? (Object.keys(application.requests)[0] as string);
    const suite = applicationSuite(application);
    const plain = [suite.baseline, ...selectLevels(suite, flags.level).map(variantOf)];
    const fragments = flags.kernelConfig ?? [];
    await requireReportFile(flags.report);
    await loadFragments(fragments);
    const configured =
      fragments.length === 0 ? [] : plain.map((variant) => configuredVariant(variant, { fragments }));
    await requireTools(ctx, ["qemu"]);
    const profiles: ServerProfile[] = [];
    for (const variant of [...plain, ...configured])
      profiles.push(await profileServer(ctx, application, variant, request));
    const title = `${application.requests[request]} of ${name}`;
    await deliver(
      flags.report,
      () => formatProfile(title, profiles),
      () => print(flags.json === true ? toJson(profiles) : format(title, profiles)),
    );
  },
});

function parseApplication(name: string): string {
  if (Object.hasOwn(applications, name)) return name;
  throw new Error(`"${name}" is no server that can be profiled: ${Object.keys(applications).join(", ")}`);
}

function toJson(profiles: readonly ServerProfile[]): string {
  const [reference] = profiles;
  return JSON.stringify(
    profiles.map((profile) => ({
      ...profile,
      ...(reference === undefined || profile === reference
        ? {}
        : { derived: { ...deriveDifference(reference, profile), limits: derivedLimits } }),
      areas: Object.fromEntries(profile.areas),
      events: Object.fromEntries(profile.events),
      // As the usual tools for flame graphs write stacks.
      calls: Object.fromEntries(
        profile.calls.map(({ path, instructions }) => [path.map(({ name }) => name).join(";"), instructions]),
      ),
    })),
    null,
    2,
  );
}

function format(title: string, profiles: readonly ServerProfile[]): string {
  const rows = listAreas(profiles).map((area) => [
    area,
    ...profiles.map(({ areas }) => String(Math.round(areas.get(area) ?? 0))),
  ]);
  const events = listEvents(profiles).map((event) => [
    event,
    ...profiles.map(({ events }) => formatEvents(events.get(event))),
  ]);
  const names = profiles.map(({ variant }) => variant.toUpperCase());
  const sums = ["together", ...profiles.map((profile) => String(Math.round(sumAreas(profile))))];
  return `${title}: instructions of the server per request (evidence: exact)

${formatTable(["PART", ...names], [...rows, sums])}

${formatTable(["EXPENSIVE INSTRUCTIONS", ...names], events)}${formatEstimates(profiles)}`;
}

/** A table for each level; nothing for the baseline alone. */
function formatEstimates([reference, ...others]: readonly ServerProfile[]): string {
  if (reference === undefined || others.length === 0) return "";
  const heads = derivedHeads.map((head) => head.toUpperCase());
  const tables = others.map(
    (profile) =>
      `${profile.variant}:\n${formatTable(heads, listDerived(deriveDifference(reference, profile)))}`,
  );
  return `

${derivedTitle(reference.variant)} (evidence: derived)

${tables.join("\n\n")}

${derivedLegend}
${derivedLimits}
Where each cost is from: --report, --json`;
}
