// SPDX-License-Identifier: Apache-2.0
/* A program with two modules, which opens what its arguments name and says what it finds. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* The modules have one of this name, too. */
int version = 1;

int host_add(int a, int b)
{
	return a + b;
}

static void try_open(const char *name)
{
	void *handle = dlopen(name, RTLD_NOW);
	int (*answer)(int);
	int *their_version;

	if (!handle) {
		printf("%s\n", dlerror());
		return;
	}
	answer = (int (*)(int))dlsym(handle, "answer");
	their_version = dlsym(handle, "version");
	printf("%s: answer %d, version %d\n", name, answer(40), *their_version);
	if (!dlsym(handle, "internal"))
		printf("%s\n", dlerror());
	printf("again %s\n", dlopen(name, RTLD_NOW) == handle ? "the same" : "another");
	if (dlclose(handle) || dlclose(handle))
		printf("%s\n", dlerror());
	if (dlclose(handle))
		printf("%s\n", dlerror());
}

int main(int argc, char **argv)
{
	printf("begin, version %d\n", version);
	printf("not open yet: %s\n", dlopen("/lib/plugins/plain.so", RTLD_NOW | RTLD_NOLOAD) ? "no" : "yes");
	for (int i = 1; i < argc; i++)
		try_open(argv[i]);
	if (dlsym(RTLD_DEFAULT, "answer"))
		printf("found what nobody opened for all\n");
	else
		printf("%s\n", dlerror());
	if (dlopen("/lib/plugins/plain.so", RTLD_NOW | RTLD_GLOBAL) && dlsym(RTLD_DEFAULT, "version"))
		printf("for all: version %d\n", *(int *)dlsym(RTLD_DEFAULT, "version"));
	return 0;
}
