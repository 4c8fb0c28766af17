// SPDX-License-Identifier: Apache-2.0
/** What a configuration may contain, as a JSON schema: for editors and for programs that write configurations. */

import { z } from "zod";
import { appSchema } from "./app-schema.js";

/** The schema, draft 2020-12, of all that JSON can hold: not of `test`, which is a function. */
export function appConfigSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(appSchema.omit({ test: true }), { io: "input" });
  // A string is turned into an object before it is checked, which leaves no trace in the schema.
  const orString = (key: "source" | "user") => ({
    [key]: { anyOf: [{ type: "string", minLength: 1 }, schema.properties?.[key]] },
  });
  const properties = { ...schema.properties, ...orString("source"), ...orString("user") };
  return { ...schema, title: "Unikernel Linux application", properties };
}
