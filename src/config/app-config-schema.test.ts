// SPDX-License-Identifier: Apache-2.0
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { appConfigSchema } from "./app-config-schema.js";
import type { appSchema } from "./app-schema.js";
import type { AppConfig } from "./define-app.js";

const smallest = { name: "kv", build: { system: "make" }, program: "kv" };

test("is a JSON schema that takes configurations, and refuses what the checks refuse", () => {
  const schema = z.fromJSONSchema(appConfigSchema());
  const accepts = (config: unknown): boolean => schema.safeParse(config).success;
  expect(accepts(smallest)).toBe(true);
  expect(accepts({ ...smallest, source: "./src", ports: [7000], volumes: ["./data:/data"] })).toBe(true);
  expect(accepts({ ...smallest, source: { kind: "debian-source", package: "redis" } })).toBe(true);
  expect(accepts({ ...smallest, user: "kv" })).toBe(true);
  expect(accepts({ ...smallest, user: { name: "kv", id: 70 } })).toBe(true);
  expect(accepts({ ...smallest, user: { id: 70 } })).toBe(false);
  expect(accepts({ ...smallest, memroy: "1G" })).toBe(false);
  expect(accepts({ ...smallest, ports: [0] })).toBe(false);
  expect(accepts({ ...smallest, level: "bse" })).toBe(false);
  expect(accepts({ ...smallest, source: { kind: "git" } })).toBe(false);
  expect(accepts({ ...smallest, build: { system: "make", files: [] } })).toBe(false);
  expect(accepts({ name: "kv" })).toBe(false);
});

test("the checks and the type that editors see have the same keys", () => {
  type Checked = z.input<typeof appSchema>;
  expectTypeOf<keyof Checked>().toEqualTypeOf<keyof AppConfig>();
  expectTypeOf<Checked["build"]["system"]>().toEqualTypeOf<AppConfig["build"]["system"]>();
});
