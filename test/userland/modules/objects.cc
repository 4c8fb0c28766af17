// SPDX-License-Identifier: Apache-2.0
/* A module in C++: with a static object, templates of the library, and an exception. */
#include <map>
#include <stdexcept>
#include <string>

extern "C" int host_add(int a, int b);

extern "C" {
extern const int version;
const int version = 3;
int answer(int n);
}

static const std::map<std::string, int> numbers{{"one", 1}, {"two", 2}};

int answer(int n)
{
	try {
		return host_add(n, numbers.at("three"));
	} catch (const std::out_of_range &) {
		return -host_add(n, numbers.at("two"));
	}
}
