// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createTestDirectory } from "../../test/test-directory.js";
import {
  findDistributionSources,
  loadAptSources,
  parseDeb822Sources,
  parseOneLineSources,
} from "./apt-sources.js";

test("reads deb822 sources, without those that are off", () => {
  const text = `Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://other.example/debian
Suites: trixie
Components: main
`;
  expect(parseDeb822Sources(text)).toEqual([
    {
      uri: "http://mirror.example/debian",
      suites: ["trixie", "trixie-updates"],
      components: ["main"],
      signedBy: "/usr/share/keyrings/debian-archive-keyring.gpg",
    },
  ]);
});

test("keeps a key that is written out in the source", () => {
  const [source] = parseDeb822Sources(
    "URIs: http://m.example\nSuites: s\nComponents: c\nSigned-By:\n -----BEGIN KEY-----\n .\n abc\n",
  );
  expect(source?.signedBy).toBe("-----BEGIN KEY-----\n.\nabc");
});

test("reads one-line sources", () => {
  const text = `# deb http://commented.example s main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/ubuntu noble main universe # why
deb-src http://mirror.example/ubuntu noble main`;
  expect(parseOneLineSources(text)).toEqual([
    {
      uri: "http://mirror.example/ubuntu",
      suites: ["noble"],
      components: ["main", "universe"],
      signedBy: "/k.gpg",
    },
    { uri: "http://mirror.example/ubuntu", suites: ["noble"], components: ["main"] },
  ]);
});

test("tells the distribution from other people's archives, and joins what belongs together", () => {
  const sources = parseOneLineSources(`deb http://m.example/debian/ bookworm main
deb-src http://m.example/debian bookworm main
deb http://m.example/debian bookworm-updates main contrib
deb http://s.example/security bookworm-security main
deb http://tools.example/apt stable main
deb http://tools.example/apt cloud-sdk-bookworm main`);
  expect(findDistributionSources(sources, "bookworm")).toEqual([
    {
      uri: "http://m.example/debian",
      suites: ["bookworm", "bookworm-updates"],
      components: ["main", "contrib"],
    },
    { uri: "http://s.example/security", suites: ["bookworm-security"], components: ["main"] },
  ]);
});

test("loads both kinds of files, and nothing when there are none", async () => {
  await using directory = await createTestDirectory();
  await expect(loadAptSources(directory.path)).resolves.toEqual([]);
  await mkdir(path.join(directory.path, "sources.list.d"));
  await writeFile(path.join(directory.path, "sources.list"), "deb http://one.example s main\n");
  const file = (name: string): string => path.join(directory.path, "sources.list.d", name);
  await writeFile(file("two.sources"), "URIs: http://two.example\nSuites: s\nComponents: main\n");
  await writeFile(file("three.list.save"), "deb http://three.example s main\n");
  const uris = (await loadAptSources(directory.path)).map(({ uri }) => uri);
  expect(uris).toEqual(["http://one.example", "http://two.example"]);
});
