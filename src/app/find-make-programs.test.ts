// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { findMakePrograms } from "./find-make-programs.js";

test.each<[string, string, string[]]>([
  ["the first target", "kv: kv.o\n\t$(CC) -o $@ $^\n", ["kv"]],
  ["a variable's", "BIN := kv-$(KIND)\nKIND = server\n$(BIN): a.o b.o\n\t$(CC) -o $@ $^\n", ["kv-server"]],
  [
    "what all stands for",
    ".PHONY: all\nall: lib kv\nlib: libkv.a\nkv: kv.o\n\tcc\nlibkv.a: kv.o\n\tar\n",
    ["kv"],
  ],
  ["what a continued list says", "all: \\\n  kv \\\n  tool\nkv tool:\n\tcc\n", ["kv", "tool"]],
  ["what += adds", "P = a\nP += kv\nall: $(P)\n$(P):\n\tcc\n", ["kv", "a"]],
  ["not what is only one of its settings", "CC ?= gcc\nO=2\nexport V := 1\nkv: kv.c\n\tcc\n", ["kv"]],
  ["not what it cannot understand", "all: $(patsubst %.c,%,$(wildcard *.c))\n", []],
  ["not what another makefile does", "all:\n\tcd src && $(MAKE) $@\n", []],
  ["nothing in nothing", "", []],
  ["no end in a circle", "A = $(B)\nB = $(A)\nall: all $(A)\n", []],
])("%s", (_name, makefile, programs) => {
  expect(findMakePrograms(makefile, "kv")).toEqual(programs);
});
