// SPDX-License-Identifier: Apache-2.0
/** An application, complete: what a recipe, a configuration, a source file or a program was resolved to. */

import type { RequirementId } from "../host/requirements.js";
import type { SourceSpec } from "../source/source-spec.js";
import type { AppTest } from "./define-app.js";
import type { Level } from "./level.js";
import type { NetworkKind } from "./network-kind.js";

export interface App {
  readonly name: string;
  /** Empty when there is none. */
  readonly summary: string;
  /** SPDX expression; undefined when not known. */
  readonly license: string | undefined;
  readonly build: AppBuild;
  /** Absolute, in the guest; undefined for the default. */
  readonly programPath: string | undefined;
  readonly modules: readonly AppModule[];
  readonly args: readonly string[];
  /** Follow those when none are given. */
  readonly defaultArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute, in the guest. */
  readonly cwd: string;
  /** Undefined for root. */
  readonly user: AppUser | undefined;
  readonly setup: readonly AppSetup[];
  readonly shell: boolean;
  readonly files: readonly AppFile[];
  readonly certificates: readonly AppCertificate[];
  /** TCP. */
  readonly ports: readonly number[];
  readonly udpPorts: readonly number[];
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly level: Level;
  /** Names of fragments of kernel/config. */
  readonly kernelConfig: readonly string[];
  /** Undefined for passt where it is installed, else QEMU's own. */
  readonly network: NetworkKind | undefined;
  readonly volumes: readonly AppVolume[];
  readonly disks: readonly AppDisk[];
  /** Programs of the host that the test needs. */
  readonly clients: readonly RequirementId[];
  readonly testSeconds: number;
  readonly test: AppTest | undefined;
}

export interface AppModule {
  /** By which the program opens it. */
  readonly path: string;
  /** What it is made of, relative as the program is. */
  readonly file: string;
}

export interface AppUser {
  readonly name: string;
  /** Undefined for what the image's /etc/passwd says. */
  readonly id: number | undefined;
}

/** What runs before the program. */
export interface AppSetup {
  readonly command: readonly string[];
  /** Absolute, in the guest; undefined when it runs at every start. */
  readonly unless: string | undefined;
}

export interface AppFile {
  /** Absolute, in the guest. */
  readonly path: string;
  /** A file or a directory, absolute, here. */
  readonly file: string;
}

/** A self-signed certificate. */
export interface AppCertificate {
  /** The directory for `server.crt` and `server.key`, absolute, in the guest. */
  readonly path: string;
  readonly host: string;
}

export interface AppVolume {
  /** Absolute, in the guest. */
  readonly path: string;
  /** Absolute, here; undefined when the command line decides. */
  readonly directory: string | undefined;
  readonly readOnly: boolean;
}

export interface AppDisk {
  /** Absolute, in the guest. */
  readonly path: string;
  /** The image file, absolute. */
  readonly image: string;
  readonly readOnly: boolean;
}

/** How its program comes to be. */
export type AppBuild = CBuild | SourceBuild | TypeScriptBuild | Prebuilt;

export interface CBuild {
  readonly system: "c";
  /** What the files are relative to. */
  readonly source: SourceSpec;
  readonly files: readonly string[];
  readonly flags: readonly string[];
  readonly libraries: readonly string[];
  /** Debian packages with headers and static archives. */
  readonly packages: readonly string[];
}

/** A build that the source itself describes. */
export interface SourceBuild {
  readonly system: "make" | "configure" | "cmake" | "meson";
  readonly source: SourceSpec;
  /** Where the Makefile, configure, CMakeLists.txt or meson.build is, relative to the source. */
  readonly directory: string;
  /** Whether configure is generated first. */
  readonly autoreconf?: boolean | undefined;
  /** For the configuring step. */
  readonly options: readonly string[];
  readonly targets: readonly string[];
  /** For make. */
  readonly variables: Readonly<Record<string, string>>;
  /** Debian packages with headers and static archives. */
  readonly packages: readonly string[];
  /** What the image gets of what it installs: absolute paths. */
  readonly install: readonly string[];
  readonly tools: readonly RequirementId[];
  /** The program, relative to the source; with cmake and meson, to the build directory. */
  readonly program: string;
}

export interface TypeScriptBuild {
  readonly system: "typescript";
  readonly source: SourceSpec;
  /** Relative to the source. */
  readonly file: string;
}

export interface Prebuilt {
  readonly system: "prebuilt";
  /** The program, absolute. */
  readonly file: string;
}
