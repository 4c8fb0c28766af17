// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { formatProfile } from "./format-profile.js";
import { countRequests } from "./profile-server.js";
import { parseServerProfile } from "./server-profile.js";

const functions = [
  { address: 0xffffffff81000000n, name: "tcp_ack", area: "TCP and IP" },
  { address: 0xffffffff81000100n, name: "tcp_send", area: "TCP and IP" },
  { address: 0xffffffff81000200n, name: "__schedule", area: "scheduler" },
  { address: 0xffffffff81000300n, name: "__x86_indirect_thunk_rax", area: "indirect branches" },
];

const text = `server 8000 40
event SYSCALL 120
event LOCK 10
program 8000
program;ffffffff81000100 1000
program;ffffffff81000100;ffffffff81000300 40
program;ffffffff81000100;ffffffff81000300;ffffffff81000000 400
program;ffffffff81000100;ffffffff81000100 200
program;ffffffff81000200 200
`;

test("the functions of a part are added up, for one request", () => {
  const { areas, functions: sorted } = parseServerProfile(text, functions, 40);
  expect(Object.fromEntries(areas)).toEqual({
    application: 200,
    "TCP and IP": 40,
    scheduler: 5,
    "indirect branches": 1,
  });
  expect(sorted.map(({ name, instructions }) => [name, instructions])).toEqual([
    ["tcp_send", 30],
    ["tcp_ack", 10],
    ["__schedule", 5],
    ["__x86_indirect_thunk_rax", 1],
  ]);
});

test("expensive instructions are counted for one request, too", () => {
  const { events } = parseServerProfile(text, functions, 40);
  expect(Object.fromEntries(events)).toEqual({ SYSCALL: 3, LOCK: 0.25 });
});

test("paths have no thunks on their way, and no function twice in a row", () => {
  const { calls } = parseServerProfile(text, functions, 40);
  expect(
    calls.map(({ path, instructions }) => [path.map(({ name }) => name).join(" "), instructions]),
  ).toEqual([
    ["application", 200],
    ["application tcp_send", 30],
    ["application tcp_send __x86_indirect_thunk_rax", 1],
    ["application tcp_send tcp_ack", 10],
    ["application __schedule", 5],
  ]);
});

test("a server that was not seen is no profile", () => {
  expect(() => parseServerProfile("server 0 0\n", functions, 40)).toThrow("was not seen to run");
  expect(() => parseServerProfile(text, functions, 0)).toThrow("was not seen to run");
});

test("the requests are those of all regions", () => {
  const output = "built by gcc\ncount get_p1_all 24 1 2 3\ncount get_p1 24 100 100 100\n";
  expect(countRequests(output, "get_p1")).toBe(72);
  expect(countRequests(output, "set_p1")).toBeNaN();
});

test("the report has a bar for each level, as long as all its parts", () => {
  const profile = { variant: "linux", requests: 40, ...parseServerProfile(text, functions, 40) };
  const html = formatProfile("GET of <redis>", [profile, { ...profile, variant: "base" }]);
  expect(html).not.toContain("<redis>");
  expect(html.match(/<title>TCP and IP: 40<\/title>/g)).toHaveLength(2);
  expect(html.match(/<title>tcp_send \(TCP and IP\): 41<\/title>/g)).toHaveLength(2);
  expect(html).toContain("<td>246</td>");
  expect(html).toContain("<h2>Derived: an estimate of the difference to linux, cycles per request</h2>\n");
});
