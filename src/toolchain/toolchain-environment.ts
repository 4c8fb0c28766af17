// SPDX-License-Identifier: Apache-2.0
/** The variables that make a build take the toolchain. */

import type { ToolchainPlaces } from "./toolchain-places.js";

export type ToolchainVariable = "CC" | "CXX" | "PKG_CONFIG" | "CONFIG_SITE" | "CMAKE_TOOLCHAIN_FILE";

/** Build systems read them, or are given them by name. Meson has none for its file. */
export function toolchainEnvironment(places: ToolchainPlaces): Record<ToolchainVariable, string> {
  return {
    CC: places.cc,
    CXX: places.cxx,
    PKG_CONFIG: places.pkgConfig,
    CONFIG_SITE: places.configSite,
    CMAKE_TOOLCHAIN_FILE: places.cmakeFile,
  };
}
