// SPDX-License-Identifier: Apache-2.0
/** The typed description of an application: what recipes and `ukl.config.ts` export. */

import type { RequirementId } from "../host/requirements.js";
import type { SourceSpec } from "../source/source-spec.js";
import type { BuildConfig } from "./build-config.js";
import type { Level } from "./level.js";
import type { NetworkKind } from "./network-kind.js";
import type { TestMachine } from "./test-machine.js";

/** An application as its author writes it. Everything that can be left out has a default. */
export interface AppConfig {
  /** Lower-case letters, digits and hyphens; what the command line calls it. */
  readonly name: string;
  /** One line for `ukl apps`. */
  readonly summary?: string;
  /** SPDX expression of the application's own licence. */
  readonly license?: string;
  /** Where its source comes from. A string is a directory, relative to the configuration; default ".". */
  readonly source?: string | SourceSpec;
  readonly build: BuildConfig;
  /**
   * The program that the build leaves: relative to the source, with "cmake" and "meson" to the build directory. With
   * "typescript" the file that it is made from.
   */
  readonly program?: string;
  /** Where the program is in the guest, absolute. Default "/bin/NAME". */
  readonly programPath?: string;
  /**
   * What the program opens with dlopen(3): the name by which it does → the file that the build leaves, which is a shared
   * library (made with -shared), an object or an archive; with "c" a C or C++ file. They are linked into the program, each
   * with its own names, and nothing else can be opened. Where the name is a path the image has a file, to be found.
   */
  readonly modules?: Readonly<Record<string, string>>;
  /** Passed at every start; those of the command line follow them. */
  readonly args?: readonly string[];
  /** Follow those when the command line gives none. */
  readonly defaultArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The directory it starts in, absolute in the guest. Default "/". */
  readonly cwd?: string;
  /**
   * The user that it runs as; default root. A name that the image's /etc/passwd does not have is added, with the number
   * 1000 unless there is another one. Volumes, disks, /run/NAME and the home directory belong to the user.
   */
  readonly user?: string | { readonly name: string; readonly id?: number };
  /** What is run before the program at every start, one after the other; if one fails the machine ends. */
  readonly setup?: readonly SetupConfig[];
  /** Whether the image has a shell, /bin/sh, as system(3) and popen(3) need; it is an ordinary process. */
  readonly shell?: boolean;
  /** What to put into the image: absolute path in the guest → file or directory relative to the configuration. */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * TLS certificates that vouch for themselves, to begin with: absolute directory in the guest, for `server.crt` and
   * `server.key` → the host's name, such as "localhost". Each is made once and kept in the user's cache.
   */
  readonly certificates?: Readonly<Record<string, string>>;
  /** The TCP ports it listens on. */
  readonly ports?: readonly number[];
  /** The UDP ports it listens on. */
  readonly udpPorts?: readonly number[];
  /** The machine's memory: "64M", "1G". Default "128M". */
  readonly memory?: string;
  /** The machine's CPUs. Default 1. */
  readonly cpus?: number;
  /** Default "base". */
  readonly level?: Level;
  /** Further fragments of the kernel's configuration, by their names in kernel/config: "tuned". */
  readonly kernelConfig?: readonly string[];
  /**
   * What connects the machine with the host; default passt where it is installed. "qemu" for a server that speaks before
   * its client does (SSH, SMTP, MySQL): clients of Debian 12's passt would wait for ever.
   */
  readonly network?: NetworkKind;
  /**
   * Directories whose content should outlive the machine: "./data:/data", with ":ro" if it is only to be read, shows one
   * of the host, relative to the configuration; "/data" alone says that `--volume DIR` belongs there.
   */
  readonly volumes?: readonly string[];
  /** Images with an ext4 file system: "disk.img:/srv", with ":ro" if it is only to be read. */
  readonly disks?: readonly string[];
  /** Programs of the host that the test runs, as `ukl doctor` calls them. */
  readonly clients?: readonly RequirementId[];
  /** How long the application's start and its test may take together, unless the command line says. Default 120. */
  readonly testSeconds?: number;
  /**
   * What `ukl test` runs when the application listens on its ports (or, without ports, has started). It passes unless
   * it throws; the machine is ended afterwards in any case.
   */
  readonly test?: AppTest;
}

export interface SetupConfig {
  /** A program of the image by its absolute path, and its arguments. */
  readonly command: readonly [program: string, ...args: string[]];
  /** Not when there is this file in the guest. */
  readonly unless?: string;
}

export type AppTest = (vm: TestMachine) => Promise<void> | void;

/** Gives a configuration its type; checking it is `parseAppConfig`'s work. */
export function defineApp(config: AppConfig): AppConfig {
  return config;
}
