// SPDX-License-Identifier: Apache-2.0
/** `ukl bench postgresql`: what a query to PostgreSQL costs at each level. */

import { postgresqlSuite } from "../../bench/postgresql.js";
import { defineApplicationBench } from "../run-bench-command.js";

export const command = defineApplicationBench(postgresqlSuite, "PostgreSQL");
