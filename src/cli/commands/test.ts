// SPDX-License-Identifier: Apache-2.0
/** `ukl test`: boots an application and runs the test of its configuration. */

import { listRecipes } from "../../app/recipes.js";
import { resolveApp } from "../../app/resolve-app.js";
import { testApp } from "../../vm/test-app.js";
import { testRecipe } from "../../vm/test-recipe.js";
import { defineCommand, jsonFlag } from "../define-command.js";
import { type MachineFlags, machineFlags, toMachineRequest } from "../machine-flags.js";
import { parseSecondsMs } from "../parse-flags.js";

type Flags = MachineFlags & { readonly timeout?: number; readonly json?: boolean };

export const command = defineCommand<Flags, [app?: string]>({
  description: `Runs the function "test" of the configuration when the application listens on its ports, with other ports of this host in
their place (vm.port(7000)). Exits with 1 when it throws, or the kernel complains; the machine is ended in any case.`,
  flags: {
    ...machineFlags,
    timeout: {
      kind: "parsed",
      parse: parseSecondsMs,
      brief: "Fail after this time; default: what is configured, or 120",
      placeholder: "SECONDS",
      optional: true,
    },
    json: jsonFlag,
  },
  aliases: { m: "memory" },
  positional: {
    kind: "tuple",
    parameters: [{ brief: "What to test; default: .", parse: String, placeholder: "APP", optional: true }],
  },
  run: async ({ ctx, flags, args: [spec = "."], print }) => {
    const request = { ...toMachineRequest(flags), timeoutMs: flags.timeout };
    const result = (await listRecipes()).includes(spec)
      ? await testRecipe(ctx, spec, request)
      : await testApp(ctx, { ...request, app: await resolveApp(spec, ctx.log) });
    print(
      flags.json === true ? JSON.stringify(result, null, 2) : `${result.app} passed at level ${result.level}`,
    );
  },
});
