// SPDX-License-Identifier: Apache-2.0
/** The user that an application runs as: from the image's accounts, or a new one among them. */

import type { App, AppUser } from "../config/app.js";
import { UklError } from "../errors/ukl-error.js";
import type { GuestMount, GuestUser } from "./guest-configuration.js";
import { standardAccounts } from "./initramfs.js";
import { type GuestFiles, mergeGuestFiles } from "./load-guest-files.js";

/** The image's files with the application's user among its accounts; undefined for root. */
export function addUser(
  { user }: Pick<App, "user">,
  files: GuestFiles,
): { readonly files: GuestFiles; readonly user: ResolvedUser | undefined } {
  if (user === undefined) return { files, user };
  const textOf = (name: keyof Accounts): string => {
    const file = files.files.find(({ path }) => path === `/etc/${name}`);
    return file === undefined ? standardAccounts[name] : Buffer.from(file.data).toString();
  };
  const resolved = resolveUser(user, { passwd: textOf("passwd"), group: textOf("group") });
  const accounts = (["passwd", "group"] as const).map((name) => ({
    ...{ path: `/etc/${name}`, mode: 0o644 },
    data: Buffer.from(resolved.accounts[name]),
  }));
  return { files: mergeGuestFiles({ files: accounts, links: [], directories: [] }, files), user: resolved };
}

/** Where it may write: its storage, its home, and where daemons have their sockets. */
export function ownDirectories(
  { name, volumes, disks }: Pick<App, "name" | "volumes" | "disks">,
  { home }: Pick<ResolvedUser, "home">,
  mounts: readonly GuestMount[],
): string[] {
  const storage = [...volumes, ...disks].filter(({ readOnly }) => !readOnly).map(({ path }) => path);
  const mounted = mounts.filter(({ options }) => !options.includes("ro")).map(({ directory }) => directory);
  return [...new Set([...storage, ...mounted, ...(home === "/" ? [] : [home]), `/run/${name}`])];
}

/** What login(1) sets. */
export function userEnvironment(user: ResolvedUser | undefined): Record<string, string> {
  return user === undefined
    ? {}
    : { HOME: user.home, USER: user.name, LOGNAME: user.name, SHELL: user.shell };
}

/** As the files /etc/passwd and /etc/group have them. */
export interface Accounts {
  readonly passwd: string;
  readonly group: string;
}

export interface ResolvedUser extends GuestUser {
  readonly name: string;
  readonly home: string;
  readonly shell: string;
  /** With the user in them. */
  readonly accounts: Accounts;
}

/** Of the first ordinary user on most systems, whose files those of a volume may be. */
const firstId = 1000;

/**
 * Finds the user among the accounts, or adds it.
 *
 * @throws UklError APP_INVALID when the name or the number is another one's
 */
export function resolveUser({ name, id }: AppUser, accounts: Accounts): ResolvedUser {
  const users = parseLines(accounts.passwd);
  const found = users.find(([known]) => known === name);
  if (found === undefined) return appendUser(name, id ?? firstId, accounts);
  const [, , ownId, ownGroup, , home = "/", shell = ""] = found;
  if (id !== undefined && id !== Number(ownId))
    throw new UklError("APP_INVALID", `Cannot give the user "${name}" the number ${id}: it has ${ownId}`, {
      hint: 'Leave out the "id"',
    });
  const others = parseLines(accounts.group).filter(([, , , members = ""]) =>
    members.split(",").includes(name),
  );
  const groups = new Set([Number(ownGroup), ...others.map(([, , group]) => Number(group))]);
  return { ...{ name, home, shell, accounts }, id: Number(ownId), groups: [...groups] };
}

function appendUser(name: string, id: number, { passwd, group }: Accounts): ResolvedUser {
  const isTaken = (lines: readonly string[][]): boolean =>
    lines.some(([, , number]) => Number(number) === id);
  const owner = parseLines(passwd).find(([, , number]) => Number(number) === id)?.[0];
  if (owner !== undefined)
    throw new UklError(
      "APP_INVALID",
      `Cannot add the user "${name}": its number ${id} is that of "${owner}"`,
      {
        hint: `Give it another one: user: { name: "${name}", id: … }`,
      },
    );
  const home = `/home/${name}`;
  const shell = "/bin/sh";
  const groups = isTaken(parseLines(group)) ? group : `${group}${name}:x:${id}:\n`;
  return {
    ...{ name, id, groups: [id], home, shell },
    accounts: { passwd: `${passwd}${name}:x:${id}:${id}::${home}:${shell}\n`, group: groups },
  };
}

function parseLines(text: string): string[][] {
  return text.split("\n").flatMap((line) => (line === "" ? [] : [line.split(":")]));
}
