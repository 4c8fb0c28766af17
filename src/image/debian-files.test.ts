// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { createContext } from "../host/context.js";
import { closePackages, findDebianFiles, parseInstalled } from "./debian-files.js";

const status = "install ok installed";
/** As dpkg-query prints them: status, essential, section, provides, what it needs before, always, and at best. */
const installed = [
  [
    "server",
    status,
    "no",
    "httpd",
    "httpd",
    "",
    "libc6 (>= 2.34), server-common (<< 2), server-common (>= 1)",
    "modules",
  ],
  ["server-common", status, "no", "httpd", "", "", "debconf | debconf-2.0, missing | libz:any", ""],
  ["libz", status, "no", "libs", "libz1, libz-abi (= 1)", "", "libc6", ""],
  ["libc6", status, "no", "libs", "", "dash", "libgcc", ""],
  ["libgcc", "deinstall ok config-files", "no", "libs", "", "", "libz", ""],
  ["modules", status, "no", "httpd", "", "", "libz-abi, server", ""],
  ["debconf", status, "no", "admin", "debconf-2.0", "", "other", ""],
  ["dash", status, "yes", "shells", "", "", "other", ""],
  ["other", status, "no", "misc", "", "", "", ""],
]
  .map((fields) => `${fields.join("\t")}\n`)
  .join("");

describe("packages", () => {
  test("are taken with what they need, as far as it is installed, but not what they are installed with", () => {
    const closed = closePackages(parseInstalled(installed), ["server"]);
    expect(closed).toEqual(["libc6", "libz", "modules", "server", "server-common"]);
  });

  test("that own the program are taken whatever they are", () => {
    expect(closePackages(parseInstalled(installed), ["dash"])).toEqual(["dash", "other"]);
  });
});

test("finds the files of a program of this system, without its documentation", async () => {
  const { packages, paths } = await findDebianFiles(createContext(), ["/usr/bin/dpkg-query"]);
  expect(packages).toEqual(expect.arrayContaining(["dpkg", "libc6"]));
  expect(paths).toEqual(expect.arrayContaining(["/usr/bin/dpkg-query", "/usr/share/dpkg/cputable"]));
  expect(paths.filter((path) => path.startsWith("/usr/share/doc/"))).toEqual([]);
});

test("finds nothing for a program that no package has", async () => {
  expect(await findDebianFiles(createContext(), ["/no/such"])).toEqual({ packages: [], paths: [] });
});
