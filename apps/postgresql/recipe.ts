// SPDX-License-Identifier: Apache-2.0
import { defineApp } from "../../src/config/define-app.js";
import type { TestMachine } from "../../src/config/test-machine.js";

const prefix = "/usr/local/pgsql";
const data = "/data/main";

/** What the server opens when it is asked for, by the directories of the source. */
const modules = [
  ...["pl/plpgsql/src/plpgsql", "backend/snowball/dict_snowball"],
  ...["libpqwalreceiver", "pgoutput"].map((name) => `backend/replication/${name}/${name}`),
  ...[
    ...["cyrillic_and_mic", "euc2004_sjis2004", "euc_cn_and_mic", "euc_jp_and_sjis", "euc_kr_and_mic"],
    ...["euc_tw_and_big5", "latin2_and_win1250", "latin_and_mic"],
    ...["big5", "cyrillic", "euc2004", "euc_cn", "euc_jp", "euc_kr", "euc_tw", "gb18030", "gbk"].map(toUtf8),
    ...["iso8859", "iso8859_1", "johab", "sjis", "sjis2004", "uhc", "win"].map(toUtf8),
  ].map((name) => `backend/utils/mb/conversion_procs/${name}/${name}`),
];

function toUtf8(encoding: string): string {
  return `utf8_and_${encoding}`;
}

const settings = [
  "listen_addresses=*",
  "hba_file=/etc/postgresql/pg_hba.conf",
  // Debian's default, /run/postgresql, is the server's own only while the application has this name.
  "unix_socket_directories=/tmp",
];

export default defineApp({
  name: "postgresql",
  summary: "PostgreSQL 15: SQL database, from Debian's source package, unmodified",
  license: "PostgreSQL",
  source: { kind: "debian-source", package: "postgresql-15", version: "15" },
  build: {
    system: "configure",
    options: [`--prefix=${prefix}`, "--enable-debug", "--without-readline", "--without-zlib"],
    install: [`${prefix}/bin/initdb`, `${prefix}/share`],
  },
  program: "src/backend/postgres",
  programPath: `${prefix}/bin/postgres`,
  modules: Object.fromEntries(
    modules.map((module) => [`${prefix}/lib/${module.replace(/.*\//, "")}.so`, `src/${module}.so`]),
  ),
  user: "postgres",
  // initdb starts the server by popen(3), and COPY any program.
  shell: true,
  setup: [
    {
      command: [
        `${prefix}/bin/initdb`,
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
      ],
      unless: `${data}/PG_VERSION`,
    },
  ],
  args: ["-D", data, ...settings.flatMap((setting) => ["-c", setting])],
  files: { "/etc/postgresql/pg_hba.conf": "pg_hba.conf" },
  volumes: ["/data"],
  ports: [5432],
  memory: "512M",
  clients: ["psql", "pgbench"],
  testSeconds: 600,
  test: async (vm) => {
    const database = connect(vm);
    await checkStatements(database);
    await checkConcurrency(database);
    await checkModules(database);
    await checkBenchmark(vm);
    await checkCrashes(vm, database);
    await vm.kill("SIGINT");
    const { status } = await vm.exited;
    if (status !== 0) throw new Error(`it ended with status ${status}`);
  },
});

interface Database {
  /** What psql prints for these statements, which are one session's: unaligned rows only. */
  sql(...statements: readonly string[]): Promise<string>;
}

function address(vm: TestMachine): string[] {
  return ["-h", "127.0.0.1", "-p", String(vm.port(5432)), "-U", "postgres"];
}

function connect(vm: TestMachine): Database {
  const quiet = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"];
  return {
    sql: (...statements) => {
      const input = statements.map((statement) => `${statement};\n`).join("");
      return vm.runClient("psql", [...address(vm), ...quiet], { input });
    },
  };
}

function expectAnswer(answer: string, expected: string): void {
  if (answer.trim() !== expected)
    throw new Error(`it answered ${JSON.stringify(answer)} in place of ${JSON.stringify(expected)}`);
}

async function checkStatements({ sql }: Database): Promise<void> {
  expectAnswer(await sql("SELECT 6 * 7, version() LIKE 'PostgreSQL 15.%'"), "42|t");
  await sql(
    "CREATE TABLE account (id int PRIMARY KEY, balance numeric NOT NULL CHECK (balance >= 0))",
    "INSERT INTO account SELECT n, 100 FROM generate_series(1, 1000) n",
    "BEGIN",
    "UPDATE account SET balance = balance - 50 WHERE id = 1",
    "UPDATE account SET balance = balance + 50 WHERE id = 2",
    "COMMIT",
    "BEGIN",
    "DELETE FROM account",
    "ROLLBACK",
  );
  const totals = "SELECT count(*), sum(balance), min(balance), max(balance) FROM account";
  expectAnswer(await sql(totals), "1000|100000|50|150");
}

/** Eight sessions, each a process of its own, add to one row. */
async function checkConcurrency({ sql }: Database): Promise<void> {
  await sql("CREATE TABLE counter (n int)", "INSERT INTO counter VALUES (0)");
  const increments = Array.from({ length: 25 }, () => "UPDATE counter SET n = n + 1");
  await Promise.all(Array.from({ length: 8 }, () => sql(...increments)));
  expectAnswer(await sql("SELECT n FROM counter"), "200");
}

/** A language, a dictionary and conversions are modules. */
async function checkModules({ sql }: Database): Promise<void> {
  const body = "DECLARE s int := 0; BEGIN FOR i IN 1..n LOOP s := s + i; END LOOP; RETURN s; END";
  await sql(`CREATE FUNCTION total(n int) RETURNS int LANGUAGE plpgsql AS '${body}'`);
  expectAnswer(
    await sql(
      "SELECT total(100), to_tsvector('english', 'running databases'), convert_to('é', 'LATIN1'), convert_to('日', 'SJIS')",
    ),
    "5050|'databas':2 'run':1|\\xe9|\\x93fa",
  );
  const load = sql("LOAD '/usr/local/pgsql/lib/nothing.so'").then(
    () => "",
    (error: unknown) => String(error),
  );
  if (!(await load).includes("could not access file")) throw new Error(`it loaded nothing: ${await load}`);
}

async function checkBenchmark(vm: TestMachine): Promise<void> {
  await vm.runClient("pgbench", [...address(vm), "-i", "-q", "-s", "1", "postgres"]);
  const run = ["-c", "4", "-j", "2", "-t", "50", "postgres"];
  const report = await vm.runClient("pgbench", [...address(vm), ...run]);
  if (!/transactions actually processed: 200\/200/.test(report) || !/^tps = \d/m.test(report))
    throw new Error(`pgbench says: ${report}`);
}

/** The server ends all its processes when one crashes, recovers and goes on; and so does the machine. */
async function checkCrashes(vm: TestMachine, { sql }: Database): Promise<void> {
  const ready = "database system is ready to accept connections";
  const recover = async (statement: string, cause: string): Promise<void> => {
    const from = vm.output.length;
    const starts = vm.output.split(ready).length - 1;
    const failure = await sql(statement).then(() => undefined, String);
    if (failure === undefined) throw new Error(`a session survived that ${cause}`);
    await vm.waitForOutput(new RegExp(`(?:${ready}[^]*){${starts + 1}}`));
    if (!vm.output.slice(from).includes(cause)) throw new Error(`it does not say that ${cause}`);
    expectAnswer(await sql("SELECT n FROM counter"), "200");
  };
  // A number in the place of a pointer.
  await sql("CREATE FUNCTION crash(bigint) RETURNS cstring LANGUAGE internal STRICT AS 'textout'");
  await recover("SELECT crash(16)", "was terminated by signal 11");
  const kill = "EXECUTE format('COPY account FROM PROGRAM ''kill -9 %s''', pg_backend_pid())";
  await recover(`DO $$ BEGIN ${kill}; END $$`, "was terminated by signal 9");
}
