// SPDX-License-Identifier: Apache-2.0
/* popen and system: the two calls that need /bin/sh, which an image need not have. */
#include <stdlib.h>
#include <sys/wait.h>

#include "check.h"

int main(void)
{
	char line[64] = "";
	FILE *pipe = popen("echo from the shell; exit 3", "r");
	int status;

	CHECK("popen starts a shell", pipe && fgets(line, sizeof(line), pipe));
	CHECK("whose output can be read", strcmp(line, "from the shell\n") == 0);
	status = pclose(pipe);
	CHECK("and whose status pclose tells", WIFEXITED(status) && WEXITSTATUS(status) == 3);
	status = system("exit 4");
	CHECK("system tells the status", WIFEXITED(status) && WEXITSTATUS(status) == 4);
	status = system("kill -TERM $$");
	CHECK("or the signal", WIFSIGNALED(status) && WTERMSIG(status) == 15);
	return check_result();
}
