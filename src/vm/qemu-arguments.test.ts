// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { parsePortForward } from "./port-forward.js";
import {
  channelArguments,
  diskArguments,
  diskDevice,
  kernelCommandLine,
  networkArguments,
  processorArguments,
  userNetdev,
  volumeArguments,
} from "./qemu-arguments.js";

describe("QEMU's arguments", () => {
  test("the processor follows the accelerator, unless a model is asked for", () => {
    const processor = { cpus: 2, memoryMib: 64 };
    expect(processorArguments("kvm", processor).join(" ")).toContain("-accel kvm -cpu host -smp 2 -m 64M");
    expect(processorArguments("tcg", processor).join(" ")).toContain("-accel tcg -cpu max");
    expect(processorArguments("tcg", { ...processor, cpuModel: "qemu64" })).toContain("qemu64");
  });

  test("a microvm has its devices on no bus, and is not asked for ACPI or a keyboard controller", () => {
    const all = [
      ...processorArguments("tcg", { machine: "microvm", cpus: 1, memoryMib: 20 }),
      ...channelArguments("pipes", "microvm"),
      ...networkArguments("user,id=net", "microvm"),
      ...volumeArguments([{ hostPath: "/a" }], "microvm"),
      ...diskArguments([{ hostPath: "/a", format: "raw" }], "microvm"),
      kernelCommandLine("pipes", [], "microvm"),
    ].join(" ");
    expect(all).toContain("-M microvm,acpi=off ");
    expect(all.match(/virtio-\w+-device/g)).toEqual(
      ["rng", "serial", "net", "9p", "blk"].map((kind) => `virtio-${kind}-device`),
    );
    expect(all).not.toMatch(/-pci|romfile/);
    expect(all).toContain("reboot=t");
  });

  test("all memory and all CPUs belong to some NUMA node", () => {
    const args = processorArguments("tcg", { cpus: 3, memoryMib: 257, nodes: 2 }).join(" ");
    expect(args).toContain("-smp 3,sockets=3 -m 257M");
    expect(args).toContain("id=node0,size=129M -numa node,nodeid=0,memdev=node0,cpus=0,cpus=2 ");
    expect(args).toContain("id=node1,size=128M -numa node,nodeid=1,memdev=node1,cpus=1 ");
    expect(processorArguments("tcg", { cpus: 3, memoryMib: 257, nodes: 1 })).not.toContain("-numa");
  });

  test.each(["terminal", "pipes", "log"] as const)("the status port is the last one (%s)", (stdio) => {
    const args = channelArguments(stdio);
    expect(args.at(-1)).toBe("virtserialport,chardev=status,name=ukl.status");
    expect(args.join(" ").includes("ukl.stdin")).toBe(stdio === "pipes");
    expect(args.join(" ").includes("ukl.console")).toBe(stdio !== "pipes");
  });

  test("a machine that outlives us needs nobody at the other end of its logs", () => {
    expect(channelArguments("log").filter((argument) => /^socket,/.test(argument))).toEqual([
      "socket,id=qmp,path=qmp.sock,server=on,wait=off",
      "socket,id=start,path=start.sock",
      "socket,id=control,path=control.sock,server=on,wait=off",
    ]);
  });

  test("ports are forwarded from the host's address", () => {
    const ports = ["6379:16379", "53:0.0.0.0:5353/udp"].map(parsePortForward);
    expect(userNetdev(ports)).toBe(
      "user,id=net,hostfwd=tcp:127.0.0.1:16379-:6379,hostfwd=udp:0.0.0.0:5353-:53",
    );
  });

  test("commas in paths are doubled", () => {
    expect(volumeArguments([{ hostPath: "/a,b", readOnly: true }])[1]).toBe(
      "local,id=volume0,path=/a,,b,security_model=none,multidevs=remap,readonly=on",
    );
    expect(diskArguments([{ hostPath: "/a,b", format: "raw" }])[1]).toContain("file=/a,,b,format=raw");
    expect(diskDevice(1)).toBe("/dev/vdb");
  });

  test("what the user adds to the kernel's command line comes last", () => {
    expect(kernelCommandLine("pipes", ["nokaslr", "panic=0"])).toBe(
      "console=ttyS0 no_timer_check panic=-1 UKL_HOST=pipes nokaslr panic=0",
    );
    expect(kernelCommandLine("log", [])).toContain("UKL_HOST=terminal");
  });
});
