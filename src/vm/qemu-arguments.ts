// SPDX-License-Identifier: Apache-2.0
/**
 * QEMU's command line, as small functions that each return the arguments for one part of a machine. Paths of
 * sockets and logs are relative: QEMU runs in the machine's directory, so the length limit of
 * socket addresses (107 bytes) does not depend on where the project lies.
 */

import {
  defaultMachineType,
  type MachineType,
  machineKernelArguments,
  machineModel,
  virtioDevice,
} from "./machine-type.js";
import type { PortForward } from "./port-forward.js";

/** Files in a machine's directory. */
export const machineFile = {
  state: "state.json",
  /** Everything that the application wrote. */
  console: "console.log",
  /** The kernel's messages. */
  kernel: "kernel.log",
  /** /init's report. */
  status: "status.log",
  /** What QEMU itself had to say. */
  qemu: "qemu.log",
  /** And the program that connects the guest to the network. */
  passt: "passt.log",
  /** QEMU listens here for anybody who wants to control the machine, */
  qmpSocket: "qmp.sock",
  /** and for signals to the application. */
  controlSocket: "control.sock",
  /** Here for a debugger, once `Machine.debug` has been called. */
  gdbSocket: "gdb.sock",
  /** QEMU connects to these of the process that starts it. */
  startSocket: "start.sock",
  stdinSocket: "stdin.sock",
  stdoutSocket: "stdout.sock",
  stderrSocket: "stderr.sock",
  kernelSocket: "kernel.sock",
} as const;

/**
 * How the application's standard streams are connected: `terminal`, one console that it finds to be a terminal;
 * `pipes`, three streams; `log`, a terminal that nobody reads but the log file.
 */
export type StdioMode = "terminal" | "pipes" | "log";

export interface Volume {
  /** A directory of the host, absolute. */
  readonly hostPath: string;
  readonly readOnly?: boolean;
}

export interface Disk {
  /** An image file, absolute. */
  readonly hostPath: string;
  readonly format: "raw" | "qcow2";
}

/** The tag by which the guest mounts the volume with this index. */
export function volumeTag(index: number): string {
  return `volume${index}`;
}

/** The guest's device for the disk with this index: /dev/vda, /dev/vdb, … */
export function diskDevice(index: number): string {
  return `/dev/vd${String.fromCharCode(97 + index)}`;
}

/** The sockets on which whoever starts a machine has to listen before. */
export function startSockets(stdio: StdioMode): readonly string[] {
  const { startSocket, kernelSocket, stdinSocket, stdoutSocket, stderrSocket } = machineFile;
  switch (stdio) {
    case "pipes":
      return [startSocket, kernelSocket, stdinSocket, stdoutSocket, stderrSocket];
    case "terminal":
      return [startSocket, kernelSocket, stdoutSocket];
    case "log":
      return [startSocket];
  }
}

/** A machine without anything that is not asked for. */
export const bareArguments = ["-nodefaults", "-no-user-config", "-display", "none"] as const;

/** Such a machine, which stops before its first instruction and never restarts. */
export function baseArguments(name: string): string[] {
  return [
    ...[...bareArguments, "-no-reboot", "-S"],
    ...["-name", `${escapeValue(name)},process=ukl-${escapeValue(name)}`],
  ];
}

export interface Processor {
  /** Default "pc". */
  readonly machine?: MachineType | undefined;
  /** QEMU's name of the model; default: all that the accelerator can do. */
  readonly cpuModel?: string | undefined;
  readonly cpus: number;
  readonly memoryMib: number;
  /** The memory and the CPUs belong to so many NUMA nodes, in equal parts; default 1. */
  readonly nodes?: number | undefined;
}

export function processorArguments(kind: "kvm" | "tcg", processor: Processor): string[] {
  const { cpuModel = kind === "kvm" ? "host" : "max", cpus, memoryMib, nodes = 1 } = processor;
  const { machine = defaultMachineType } = processor;
  return [
    ...["-M", machineModel(machine), "-accel", kind, "-cpu", cpuModel],
    ...["-smp", nodes > 1 ? `${cpus},sockets=${cpus}` : String(cpus), "-m", `${memoryMib}M`],
    ...(nodes > 1 ? nodeArguments(nodes, processor) : []),
    // Without it a small guest waits for entropy.
    ...["-device", virtioDevice("rng", machine)],
  ];
}

/** A node may have no CPU, but each has memory. No socket may be in two nodes, hence one for every CPU. */
function nodeArguments(nodes: number, { cpus, memoryMib }: Processor): string[] {
  return Array.from({ length: nodes }, (_, node) => {
    const own = Array.from({ length: cpus }, (_, cpu) => cpu).filter((cpu) => cpu % nodes === node);
    const size = Math.floor(memoryMib / nodes) + (node === 0 ? memoryMib % nodes : 0);
    return [
      ...["-object", `memory-backend-ram,id=node${node},size=${size}M`],
      ...["-numa", [`node,nodeid=${node},memdev=node${node}`, ...own.map((cpu) => `cpus=${cpu}`)].join(",")],
    ];
  }).flat();
}

/**
 * The guest's clock counts instructions, one a nanosecond, and nothing else moves it: with the same seed a guest of one
 * CPU, without disks and network traffic, does the same every time. Emulation only.
 */
export function instructionClockArguments(seed: number): string[] {
  return [
    ...["-icount", "shift=0,sleep=off", "-seed", String(seed)],
    ...["-rtc", "base=2020-01-01,clock=vm"],
  ];
}

export function bootArguments(kernel: string, initrd: string | undefined, commandLine: string): string[] {
  const ramdisk = initrd === undefined ? [] : ["-initrd", initrd];
  return ["-kernel", kernel, ...ramdisk, "-append", commandLine];
}

/**
 * Control, kernel log, status and the application's streams. The ports' order matters: the status port has to be
 * the last one of its device (see userland/init/host.c).
 */
export function channelArguments(stdio: StdioMode, machine = defaultMachineType): string[] {
  return [
    ...listener("qmp", machineFile.qmpSocket),
    ...["-mon", "chardev=qmp,mode=control"],
    ...connection("start", machineFile.startSocket),
    ...["-mon", "chardev=start,mode=control"],
    ...kernelLog(stdio),
    ...["-serial", "chardev:kernel", "-device", virtioDevice("serial", machine)],
    ...streamArguments(stdio),
    ...listener("control", machineFile.controlSocket),
    ...port("control", "ukl.control"),
    ...["-chardev", `file,id=status,path=${machineFile.status}`],
    ...port("status", "ukl.status"),
  ];
}

/** The value of -netdev for a program that speaks Ethernet on a socket. */
export function streamNetdev(socket: string): string {
  return `stream,id=net,server=off,addr.type=unix,addr.path=${socket}`;
}

/** The value of -netdev for QEMU's own user-mode network. */
export function userNetdev(ports: readonly PortForward[]): string {
  const forwards = ports.map(
    ({ protocol, hostAddress, hostPort, guestPort }) =>
      `,hostfwd=${protocol}:${hostAddress}:${hostPort}-:${guestPort}`,
  );
  return `user,id=net${forwards.join("")}`;
}

export function networkArguments(netdev: string, machine = defaultMachineType): string[] {
  // No boot ROM: nothing boots from the network. Only cards on a bus can have one.
  const rom = machine === "pc" ? ",romfile=" : "";
  return ["-netdev", netdev, "-device", `${virtioDevice("net", machine)},netdev=net${rom}`];
}

/**
 * Directories of the host. `security_model=none`: files belong to the user who runs QEMU and have ordinary modes;
 * that a guest's chown may not be possible is no error.
 */
export function volumeArguments(volumes: readonly Volume[], machine = defaultMachineType): string[] {
  return volumes.flatMap(({ hostPath, readOnly }, index) => {
    const tag = volumeTag(index);
    const options = `security_model=none,multidevs=remap${readOnly === true ? ",readonly=on" : ""}`;
    return [
      ...["-fsdev", `local,id=${tag},path=${escapeValue(hostPath)},${options}`],
      ...["-device", `${virtioDevice("9p", machine)},fsdev=${tag},mount_tag=${tag}`],
    ];
  });
}

export function diskArguments(disks: readonly Disk[], machine = defaultMachineType): string[] {
  return disks.flatMap(({ hostPath, format }, index) => [
    ...["-drive", `file=${escapeValue(hostPath)},format=${format},if=none,id=disk${index}`],
    // An error is the guest's to see; QEMU would otherwise stop the machine when the host's disk is full.
    ...["-device", `${virtioDevice("blk", machine)},drive=disk${index},werror=report,rerror=report`],
  ]);
}

/** What the kernel is told in every machine of ours; `extra` comes last and therefore wins. */
export function kernelCommandLine(
  stdio: StdioMode,
  extra: readonly string[],
  machine = defaultMachineType,
): string {
  return [
    "console=ttyS0",
    // A loaded host makes the kernel's test of its timer fail, which is a panic.
    "no_timer_check",
    // With -no-reboot a panic ends QEMU at once.
    "panic=-1",
    `UKL_HOST=${stdio === "pipes" ? "pipes" : "terminal"}`,
    ...machineKernelArguments(machine),
    ...extra,
  ].join(" ");
}

/** A second serial port that nobody is connected to, for `Machine.interrupt`. */
export function interruptArguments(): string[] {
  return ["-chardev", `null,id=${interruptChardev}`, "-serial", `chardev:${interruptChardev}`];
}

export const interruptChardev = "interrupt";

function kernelLog(stdio: StdioMode): string[] {
  // Read by us as it comes while we are there; a file is enough when we are not.
  return stdio === "log"
    ? ["-chardev", `file,id=kernel,path=${machineFile.kernel}`]
    : connection("kernel", machineFile.kernelSocket, machineFile.kernel);
}

function streamArguments(stdio: StdioMode): string[] {
  switch (stdio) {
    case "pipes":
      return [
        ...connection("stdin", machineFile.stdinSocket),
        ...port("stdin", "ukl.stdin"),
        ...connection("stdout", machineFile.stdoutSocket, machineFile.console),
        ...port("stdout", "ukl.stdout"),
        ...connection("stderr", machineFile.stderrSocket, machineFile.console),
        ...port("stderr", "ukl.stderr"),
      ];
    case "terminal":
      return [...connection("stdout", machineFile.stdoutSocket, machineFile.console), ...console()];
    case "log":
      return ["-chardev", `file,id=stdout,path=${machineFile.console}`, ...console()];
  }
}

function console(): string[] {
  return ["-device", "virtconsole,chardev=stdout,name=ukl.console"];
}

function port(chardev: string, name: string): string[] {
  return ["-device", `virtserialport,chardev=${chardev},name=${name}`];
}

function listener(id: string, file: string): string[] {
  return ["-chardev", `socket,id=${id},path=${file},server=on,wait=off`];
}

function connection(id: string, file: string, log?: string): string[] {
  return [
    "-chardev",
    `socket,id=${id},path=${file}${log === undefined ? "" : `,logfile=${log},logappend=on`}`,
  ];
}

/** Commas separate options: QEMU wants those in a value twice. */
function escapeValue(value: string): string {
  return value.replaceAll(",", ",,");
}
