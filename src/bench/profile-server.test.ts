// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { formatProfile } from "./format-profile.js";
import { countRequests, parseProfile } from "./profile-server.js";

const functions = [
  { address: 0xffffffff81000000n, name: "tcp_ack", area: "TCP and IP" },
  { address: 0xffffffff81000100n, name: "tcp_send", area: "TCP and IP" },
  { address: 0xffffffff81000200n, name: "__schedule", area: "scheduler" },
];

const text = `server 8000 40
ffffffff81000000 400
ffffffff81000100 1200
ffffffff81000200 200
`;

test("the functions of a part are added up, for one request", () => {
  const { areas, functions: sorted } = parseProfile(text, functions, 40);
  expect(Object.fromEntries(areas)).toEqual({ application: 200, "TCP and IP": 40, scheduler: 5 });
  expect(sorted.map(({ name, instructions }) => [name, instructions])).toEqual([
    ["tcp_send", 30],
    ["tcp_ack", 10],
    ["__schedule", 5],
  ]);
});

test("a server that was not seen is no profile", () => {
  expect(() => parseProfile("server 0 0\n", functions, 40)).toThrow("was not seen to run");
  expect(() => parseProfile(text, functions, 0)).toThrow("was not seen to run");
});

test("the requests are those of all regions", () => {
  const output = "built by gcc\ncount get_p1_all 24 1 2 3\ncount get_p1 24 100 100 100\n";
  expect(countRequests(output, "get_p1")).toBe(72);
  expect(countRequests(output, "set_p1")).toBeNaN();
});

test("the report has a bar for each level, as long as all its parts", () => {
  const profile = { variant: "linux", requests: 40, ...parseProfile(text, functions, 40) };
  const html = formatProfile("GET of <redis>", [profile, { ...profile, variant: "base" }]);
  expect(html).not.toContain("<redis>");
  expect(html.match(/<title>TCP and IP: 40<\/title>/g)).toHaveLength(2);
  expect(html).toContain("<td>245</td>");
});
