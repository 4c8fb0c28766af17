// SPDX-License-Identifier: MIT
/** Is what it says: the compiler holds the modules to what ukl.d.ts declares of them. Part of no program. */

import type * as declaredFs from "ukl:fs";
import type * as declaredHttp from "ukl:http";
import type * as declaredNet from "ukl:net";
import type * as declaredProcess from "ukl:process";
import * as fs from "./fs.js";
import * as http from "./http.js";
import * as net from "./net.js";
import * as process from "./process.js";

export const modules = { fs, http, net, process } satisfies {
  readonly fs: typeof declaredFs;
  readonly http: typeof declaredHttp;
  readonly net: typeof declaredNet;
  readonly process: typeof declaredProcess;
};
