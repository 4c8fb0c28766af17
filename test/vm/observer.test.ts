// SPDX-License-Identifier: Apache-2.0
/** What looks at a machine beside an application's test: a program before /init, and the host after the test. */

import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { beforeAll, expect, test } from "vitest";
import { parseAppConfig } from "../../src/config/parse-app-config.js";
import { createContext } from "../../src/host/context.js";
import { testApp } from "../../src/vm/test-app.js";
import { compileProgram, createScratch } from "./boot.js";
import { buildForCommand } from "./build-for-command.js";

beforeAll(buildForCommand);

const guestPort = 65_000;

/** Starts a process that tells at the port whose child it is when it is asked, then becomes /init. */
const starter = `
#include <arpa/inet.h>
int main(int count, char **words)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(${guestPort}) };
	int server = socket(AF_INET, SOCK_STREAM, 0);
	if (getpid() != 1 || bind(server, (void *)&address, sizeof address) || listen(server, 1))
		return 1;
	if (fork() == 0) {
		int connection = accept(server, 0, 0);
		char question;
		if (read(connection, &question, 1) == 1)
			dprintf(connection, "child of %d\\n", getppid());
		return 0;
	}
	close(server);
	execv("/init.next", words);
	return 1;
}
`;

test("is there from the machine's start, and is asked when the test has passed", async () => {
  using scratch = createScratch();
  writeFileSync(scratch.path("app.c"), "#include <unistd.h>\nint main(void) { pause(); }\n");
  const events: string[] = [];
  const app = parseAppConfig(
    {
      name: "app",
      build: { system: "c", files: ["app.c"] },
      test: async (vm: { readonly output: string }) => {
        events.push(`tested, it said ${JSON.stringify(vm.output)}`);
      },
    },
    scratch.path("ukl.config.ts"),
  );
  await testApp(createContext(), {
    app,
    observer: {
      starter: compileProgram(scratch, starter),
      guestPort,
      observe: async (_ctx, port) => {
        const client = connect(port, "127.0.0.1");
        client.write("?");
        events.push(await text(client));
      },
    },
  });
  expect(events).toEqual(['tested, it said ""', "child of 1\n"]);
});
