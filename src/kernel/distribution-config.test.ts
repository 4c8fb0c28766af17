// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { withoutToolchain } from "./distribution-config.js";

test("what was found out about another compiler is left out, what was chosen stays", () => {
  const chosen = [
    "# CONFIG_CC_OPTIMIZE_FOR_SIZE is not set",
    "CONFIG_CC_OPTIMIZE_FOR_PERFORMANCE=y",
    'CONFIG_LOCALVERSION=""',
    "CONFIG_ASN1=y",
  ];
  const found = [
    'CONFIG_CC_VERSION_TEXT="gcc-12 (Debian 12.2.0) 12.2.0"',
    "CONFIG_GCC_VERSION=120200",
    "CONFIG_CC_IS_GCC=y",
    "CONFIG_CC_HAS_IBT=y",
    "CONFIG_PAHOLE_HAS_SPLIT_BTF=y",
    "CONFIG_RUSTC_LLVM_VERSION=0",
  ];
  expect(withoutToolchain([...found, ...chosen].join("\n"))).toBe(chosen.join("\n"));
});
