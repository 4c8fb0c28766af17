// SPDX-License-Identifier: Apache-2.0
/** `ukl doctor`: what the machine needs. */

import { defineCommand, jsonFlag } from "../define-command.js";

export const command = defineCommand<{ readonly json?: boolean; readonly fix?: boolean }>({
  flags: {
    json: jsonFlag,
    fix: { kind: "boolean", brief: "Install what is missing", optional: true, withNegated: false },
  },
  run: async ({ print }) => {
    print("nothing yet");
    return 0;
  },
});
