// SPDX-License-Identifier: Apache-2.0
/** What /init is told about its application: the file /etc/ukl/init.conf, read by userland/init/conf.c. */

export interface GuestMount {
  /** As mount(8) has it: "9p", "ext4", "tmpfs". */
  readonly type: string;
  /** The tag of a 9p directory, the path of a disk. */
  readonly source: string;
  /** Absolute, made if it is not there. */
  readonly directory: string;
  readonly options: readonly string[];
}

export interface GuestNetwork {
  /** "10.0.2.15/24" */
  readonly address: string;
  readonly gateway: string;
  readonly nameServer: string;
}

export interface GuestUser {
  readonly id: number;
  /** The first is the user's own. */
  readonly groups: readonly number[];
}

export type RestartPolicy = "never" | "on-failure" | "always";

export interface GuestConfiguration {
  /** The absolute path of the program in the guest. */
  readonly program: string;
  /** Without the program itself. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Default root. */
  readonly user?: GuestUser;
  /** Made when they are not there, and the user's. */
  readonly ownDirectories?: readonly string[];
  /** Run before the program, each unless there is its file. */
  readonly setup?: readonly { readonly command: readonly string[]; readonly unless: string | undefined }[];
  readonly hostname?: string;
  readonly network?: GuestNetwork;
  readonly mounts?: readonly GuestMount[];
  readonly restart?: RestartPolicy;
  /** The TCP ports of which the host wants to know when the application listens on them. */
  readonly awaitedPorts?: readonly number[];
}

/** Formats the file. Values may hold any byte but zero. */
export function formatGuestConfiguration(configuration: GuestConfiguration): string {
  const { network, user, ownDirectories = [], setup = [] } = configuration;
  const lines: (readonly string[])[] = [
    ["program", configuration.program],
    ...configuration.args.map((arg) => ["arg", arg]),
    ...Object.entries(configuration.env).map(([name, value]) => ["env", `${name}=${value}`]),
    ...(configuration.cwd === undefined ? [] : [["cwd", configuration.cwd]]),
    ...(user === undefined ? [] : [["user", String(user.id), ...user.groups.map(String)]]),
    ...ownDirectories.map((directory) => ["own", directory]),
    ...setup.flatMap(({ command, unless = "" }) => [
      ["setup", unless],
      ...command.map((word) => ["setup-arg", word]),
    ]),
    ...(configuration.hostname === undefined ? [] : [["hostname", configuration.hostname]]),
    ...(network === undefined ? [] : [["net", network.address, network.gateway, network.nameServer]]),
    ...(configuration.mounts ?? []).map(({ type, source, directory, options }) => [
      "mount",
      type,
      source,
      directory,
      options.join(",") || "-",
    ]),
    ["restart", configuration.restart ?? "never"],
    ...(configuration.awaitedPorts ?? []).map((port) => ["listen", String(port)]),
  ];
  return lines.map((fields) => `${fields.map(escapeField).join(" ")}\n`).join("");
}

/** Blanks, line ends and backslashes as \ooo, like fstab; an empty value as \000, which ends it at once. */
function escapeField(value: string): string {
  if (value === "") return "\\000";
  return value.replace(
    /[ \t\n\v\f\r\\]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}
