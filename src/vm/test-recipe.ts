// SPDX-License-Identifier: Apache-2.0
/** Tests a recipe and remembers the result, together with exactly what was tested. */

import { loadRecipe } from "../app/recipes.js";
import { UklError } from "../errors/ukl-error.js";
import { type Context, withCachedOnly } from "../host/context.js";
import { hashBytes, hashJson, hashTree } from "../host/hash.js";
import { packagePath } from "../host/package-path.js";
import { buildInitramfs } from "../image/initramfs.js";
import { prepareImage } from "../image/prepare-image.js";
import { type TestRequest, type TestResult, testApp } from "./test-app.js";
import { saveTestRecord } from "./test-record.js";

/** What is left out is as the recipe has it. */
export type RecipeTestRequest = Omit<TestRequest, "app">;

/**
 * Runs the recipe's test, as `testApp` does.
 *
 * @throws what `testApp` throws; a test that failed is remembered, too
 */
export async function testRecipe(
  ctx: Context,
  name: string,
  request: RecipeTestRequest = {},
): Promise<TestResult> {
  const app = await loadRecipe(name);
  const startedAt = performance.now();
  const save = async (reason: string | undefined): Promise<void> => {
    const { key } = await findTestSubject(withCachedOnly(ctx), name, request);
    const durationMs = Math.round(performance.now() - startedAt);
    await saveTestRecord(ctx, name, key, { testedAt: new Date().toISOString(), durationMs, reason });
  };
  try {
    const result = await testApp(ctx, { ...request, app });
    await save(undefined);
    return result;
  } catch (error) {
    if (error instanceof UklError && error.code === "APP_TEST_FAILED")
      await save(error.message.split("\n")[0] ?? "");
    throw error;
  }
}

export interface TestSubject {
  /** The hash of everything that takes part: kernel, image, machine, and the recipe with its test. */
  readonly key: string;
  /** Of the program. */
  readonly sizeBytes: number;
}

/**
 * Describes what a test of the recipe runs.
 *
 * @throws NotCachedError when it is not built and the context has `cachedOnly`
 */
export async function findTestSubject(
  ctx: Context,
  name: string,
  {
    level,
    series,
    kernelConfig,
    network,
    machine: type,
    memoryMib,
    cpus,
    kaslr,
    accelerator,
  }: RecipeTestRequest = {},
): Promise<TestSubject> {
  const app = await loadRecipe(name);
  const image = await prepareImage(ctx, { app, level, series, kernelConfig, awaitedPorts: app.ports });
  const machine = {
    memoryMib: memoryMib ?? Math.ceil(app.memoryBytes / 2 ** 20),
    cpus: cpus ?? app.cpus,
    kaslr: kaslr ?? false,
    accelerator: accelerator ?? "auto",
    ...(network === undefined ? {} : { network }),
    ...(type === undefined ? {} : { type }),
  };
  const key = hashJson({
    kernel: image.kernel.key,
    initramfs: hashBytes(buildInitramfs(image.contents)),
    level: image.level,
    machine,
    recipe: await hashTree(packagePath("apps", name), { skip: ["README.md"] }),
  });
  return { key, sizeBytes: image.contents.program.length };
}
