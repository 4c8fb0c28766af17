// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";

const core =
  "lapi lcode lctype ldebug ldo ldump lfunc lgc llex lmem lobject lopcodes lparser lstate lstring ltable ltm lundump lvm lzio";
const library =
  "lauxlib lbaselib lcorolib ldblib liolib lmathlib loadlib loslib lstrlib ltablib lutf8lib linit";

/** Numbers, strings, coroutines, errors, memory and files. */
const program = `
print(_VERSION, 2^53 | 0, ("x"):rep(3), string.pack(">I4", 258):byte(1, -1))
local function squares(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i * i) end end) end
local sum = 0
for square in squares(1000) do sum = sum + square end
print(sum, math.sqrt(2), select(2, pcall(error, { code = 7 })).code)
local words = {}
for i = 1, 100000 do words[i] = ("%05d"):format((i * 7919) % 100000) end
table.sort(words)
collectgarbage()
print(words[1], words[#words], #table.concat(words))
local file <close> = assert(io.open("/tmp/file", "w+"))
file:write("first\\n", "second\\n")
file:seek("set")
for line in file:lines() do print(line) end
os.exit(3)
`;

const expected = `Lua 5.4	9007199254740992	xxx	0	0	1	2
333833500	1.4142135623731	7
00000	99999	500000
first
second
`;

export default defineApp({
  name: "lua",
  summary: "Lua 5.4: interpreter, from Debian's source package, unmodified",
  license: "MIT",
  source: { kind: "debian-source", package: "lua5.4", version: "5.4.4" },
  build: {
    system: "c",
    files: `${core} ${library} lua`.split(" ").map((name) => `src/${name}.c`),
    // Everything of Linux but dlopen, which a static program lacks.
    flags: ["-DLUA_COMPAT_5_3", "-DLUA_USE_POSIX"],
    libraries: ["m"],
    // It has a header that Debian's own build of the package writes.
    packages: ["liblua5.4-dev"],
  },
  memory: "64M",
  test: async (vm) => {
    vm.stdin.end(program);
    const { status } = await vm.exited;
    if (vm.output !== expected || status !== 3) throw new Error("it answered something else");
  },
});
