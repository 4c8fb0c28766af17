// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { findLeaks, type KernelUsage, parseAvailableKib, parseSlabInfo } from "./kernel-usage.js";

const slabInfo = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>
p9_req_t               0      0    152   26    1 : tunables    0    0    0 : slabdata      0      0      0
dentry              4515   4515    192   21    1 : tunables    0    0    0 : slabdata    215    215      0
kmalloc-rnd-01-64   1024   1100     64   64    1 : tunables    0    0    0 : slabdata     16     16      0
`;

const tolerance = { objects: 458, cpus: 2, memoryKib: 4_096, processes: 3 };

function usage(change: { dentry?: number; availableKib?: number; processes?: number } = {}): KernelUsage {
  const slabs = parseSlabInfo(slabInfo);
  slabs.set("dentry", { active: change.dentry ?? 4_515, perSlab: 21 });
  return { slabs, availableKib: change.availableKib ?? 400_000, processes: change.processes ?? 50 };
}

test("parseSlabInfo reads the objects in use", () => {
  expect([...parseSlabInfo(slabInfo)]).toEqual([
    ["p9_req_t", { active: 0, perSlab: 26 }],
    ["dentry", { active: 4_515, perSlab: 21 }],
    ["kmalloc-rnd-01-64", { active: 1_024, perSlab: 64 }],
  ]);
  expect(parseSlabInfo("cat: can't open '/proc/slabinfo': No such file or directory").size).toBe(0);
});

test("parseAvailableKib reads one line of many", () => {
  expect(parseAvailableKib("MemFree:  1 kB\nMemAvailable:   412720 kB\nCached: 2 kB\n")).toBe(412_720);
  expect(() => parseAvailableKib("")).toThrow("does not say");
});

describe("findLeaks", () => {
  test("finds none where little changed, or there is less", () => {
    expect(
      findLeaks(usage(), usage({ dentry: 5_015, availableKib: 396_000, processes: 53 }), tolerance),
    ).toEqual([]);
    expect(findLeaks(usage(), usage({ dentry: 9, availableKib: 500_000, processes: 1 }), tolerance)).toEqual(
      [],
    );
  });

  test("allows for the objects that each CPU keeps for itself, and no more", () => {
    const small = (active: number): KernelUsage => ({
      ...usage(),
      slabs: new Map([["kmalloc-8", { active, perSlab: 512 }]]),
    });
    expect(findLeaks(small(512), small(1_994), tolerance)).toEqual([]);
    expect(findLeaks(small(512), small(1_995), tolerance)).toEqual(["1483 more objects of kmalloc-8"]);
  });

  test("finds objects, memory and processes", () => {
    expect(findLeaks(usage(), usage({ dentry: 5_515 }), tolerance)).toEqual(["1000 more objects of dentry"]);
    expect(findLeaks(usage(), usage({ availableKib: 390_000 }), tolerance)).toEqual([
      "10000 KiB less memory",
    ]);
    expect(findLeaks(usage(), usage({ processes: 60 }), tolerance)).toEqual(["10 more processes"]);
  });

  test("finds the objects of a cache that was not there before", () => {
    const after = {
      ...usage(),
      slabs: new Map([...usage().slabs, ["ext4_inode_cache", { active: 1_000, perSlab: 30 }]]),
    };
    expect(findLeaks(usage(), after, tolerance)).toEqual(["1000 more objects of ext4_inode_cache"]);
  });
});
