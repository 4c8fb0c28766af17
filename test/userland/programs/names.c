// SPDX-License-Identifier: Apache-2.0
/* Users, groups and hosts, which a static glibc looks up in files without any shared library. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>

#include "check.h"

static int resolves_to(const char *host, const char *address, int flags)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = flags };
	struct addrinfo *found = NULL;
	char text[INET_ADDRSTRLEN] = "";

	if (getaddrinfo(host, "80", &hints, &found) != 0)
		return 0;
	inet_ntop(AF_INET, &((struct sockaddr_in *)found->ai_addr)->sin_addr, text, sizeof(text));
	freeaddrinfo(found);
	return strcmp(text, address) == 0;
}

int main(void)
{
	struct passwd *user = getpwnam("root");
	struct group *group;

	CHECK("getpwnam finds root", user && user->pw_uid == 0);
	CHECK("getpwnam does not find nonsense", getpwnam("no-such-user") == NULL);
	user = getpwuid(0);
	CHECK("getpwuid finds root", user && strcmp(user->pw_name, "root") == 0);
	group = getgrnam("root");
	CHECK("getgrnam finds root", group && group->gr_gid == 0);
	CHECK("getaddrinfo takes an address", resolves_to("192.0.2.7", "192.0.2.7", AI_NUMERICHOST));
	CHECK("getaddrinfo finds localhost", resolves_to("localhost", "127.0.0.1", 0));
	CHECK("dlopen of nothing fails cleanly", dlopen("no-such-library.so", RTLD_NOW) == NULL && dlerror());
	return check_result();
}
