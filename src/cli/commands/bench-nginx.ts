// SPDX-License-Identifier: Apache-2.0
/** `ukl bench nginx`: what a request to nginx costs at each level. */

import { nginxSuite } from "../../bench/nginx.js";
import { defineApplicationBench } from "../run-bench-command.js";

export const command = defineApplicationBench(nginxSuite, "nginx");
