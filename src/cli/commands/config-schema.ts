// SPDX-License-Identifier: Apache-2.0
/** `ukl config schema`: what a configuration may contain. */

import { appConfigSchema } from "../../config/app-config-schema.js";
import { defineCommand } from "../define-command.js";

export const command = defineCommand({
  description:
    "For editors, and for programs that write configurations. It is made from the checks that ukl itself uses.",
  flags: {},
  run: async ({ print }) => print(JSON.stringify(appConfigSchema(), null, 2)),
});
