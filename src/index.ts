// SPDX-License-Identifier: Apache-2.0
/** The package's public interface: everything that the command line does, as functions. */

export { type BuildAppOptions, type BuiltApp, buildApp } from "./app/build-app.js";
export { type BuildFinding, type DirectoryDescription, describeDirectory } from "./app/describe-directory.js";
export { listRecipes } from "./app/recipes.js";
export { resolveApp } from "./app/resolve-app.js";
export { formatAppConfig, suggestConfig } from "./app/suggest-config.js";
export { bootSuite } from "./bench/boot.js";
export { echoSuite } from "./bench/echo.js";
export type { Evidence } from "./bench/evidence.js";
export { formatReport, formatReports } from "./bench/format-report.js";
export type { LatencyReport } from "./bench/latency.js";
export { memcachedSuite } from "./bench/memcached.js";
export { microSuite } from "./bench/micro.js";
export { nginxSuite } from "./bench/nginx.js";
export { postgresqlSuite } from "./bench/postgresql.js";
export { redisSuite } from "./bench/redis.js";
export type { BenchReport, ReportCell, ReportRow } from "./bench/report.js";
export { type BenchRequest, runBench } from "./bench/run-bench.js";
export { type CountedBoot, runCounted } from "./bench/run-counted.js";
export { sqliteSuite } from "./bench/sqlite.js";
export type { Suite } from "./bench/suite.js";
export { suites } from "./bench/suites.js";
export { type CheckRequest, check } from "./check/check.js";
export {
  type CheckedForm,
  type CheckReport,
  type Finding,
  type Severity,
  type Site,
  severities,
} from "./check/finding.js";
export type { RuleId } from "./check/rules.js";
export type {
  App,
  AppBuild,
  AppDisk,
  AppFile,
  AppModule,
  AppSetup,
  AppUser,
  AppVolume,
} from "./config/app.js";
export { appConfigSchema } from "./config/app-config-schema.js";
export type { BuildConfig } from "./config/build-config.js";
export { type AppConfig, type AppTest, defineApp, type SetupConfig } from "./config/define-app.js";
export { type Level, levels } from "./config/level.js";
export { loadAppConfig } from "./config/load-app-config.js";
export type { TestExit, TestMachine } from "./config/test-machine.js";
export { UklError, type UklErrorCode } from "./errors/ukl-error.js";
export { type Context, createContext } from "./host/context.js";
export { buildImage, type Image } from "./image/build-image.js";
export type {
  GuestConfiguration,
  GuestMount,
  GuestNetwork,
  RestartPolicy,
} from "./image/guest-configuration.js";
export { buildInitramfs, type GuestFile, type GuestLink, type ImageContents } from "./image/initramfs.js";
export { type ImageRequest, type PreparedImage, prepareImage } from "./image/prepare-image.js";
export { buildKernel, type Kernel, type KernelRequest } from "./kernel/build-kernel.js";
export { type Log, silentLog } from "./log/log.js";
export { createTerminalLog } from "./log/terminal-log.js";
export type { TapTest } from "./selftest/parse-tap.js";
export type { CpuModel, PartialSelection, Selection, SelftestRun } from "./selftest/plan-runs.js";
export {
  runSelftest,
  type SelftestReport,
  type SelftestRequest,
  type SelftestResult,
} from "./selftest/run-selftest.js";
export type { SuiteLevel } from "./selftest/suite-level.js";
export { runStress, type StressReport, type StressRequest, type StressResult } from "./stress/run-stress.js";
export type { Figures } from "./stress/scenario.js";
export type { StressCounts } from "./stress/stress-settings.js";
export type { ComparedTest, Verdict } from "./suite/compare-results.js";
export { type Ring0Level, runSuite, type SuiteReport, type SuiteRequest } from "./suite/run-suite.js";
export type {
  ForeignSuite,
  ItemRun,
  LeftOut,
  Outcome,
  PreparedSuite,
  SuiteItem,
  SuiteTest,
} from "./suite/suite.js";
export { foreignSuites } from "./suite/suites.js";
export { buildToolchain, type Toolchain } from "./toolchain/build-toolchain.js";
export { type ToolchainVariable, toolchainEnvironment } from "./toolchain/toolchain-environment.js";
export type { ToolchainPlaces } from "./toolchain/toolchain-places.js";
export { type EndOptions, removeMachine, stopMachine } from "./vm/end-machine.js";
export { type Accelerator, findAccelerator } from "./vm/find-accelerator.js";
export type { KernelProblem } from "./vm/kernel-log.js";
export type { Machine } from "./vm/machine.js";
export { describeExit, exitStatusOf, type MachineExit } from "./vm/machine-exit.js";
export {
  findMachine,
  findMachinesDirectory,
  listMachines,
  type MachineRecord,
  type MachineState,
} from "./vm/machine-registry.js";
export { type PortForward, parsePortForward } from "./vm/port-forward.js";
export type { Disk, StdioMode, Volume } from "./vm/qemu-arguments.js";
export { describeRecipe, type RecipeReport } from "./vm/recipe-report.js";
export { type StartRequest, startApp } from "./vm/start-app.js";
export { type MachineRequest, startMachine } from "./vm/start-machine.js";
export { type TestRequest, type TestResult, testApp } from "./vm/test-app.js";
export { testRecipe } from "./vm/test-recipe.js";
