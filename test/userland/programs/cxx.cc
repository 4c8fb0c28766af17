// SPDX-License-Identifier: Apache-2.0
/* C++ with the distribution's own libstdc++: constructors, exceptions, threads, streams. */
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "check.h"

namespace {

int constructed;

struct Global {
	Global() { constructed++; }
} global;

__attribute__((constructor)) void construct()
{
	constructed++;
}

struct Guard {
	int &count;
	~Guard() { count++; }
};

int throw_from(int depth, int &unwound)
{
	Guard guard{unwound};
	if (depth == 0)
		throw std::runtime_error("from the depth");
	return throw_from(depth - 1, unwound) + 1;
}

void test_exceptions()
{
	int unwound = 0;
	std::string what;

	try {
		throw_from(50, unwound);
	} catch (const std::exception &error) {
		what = error.what();
	}
	CHECK("an exception crosses 51 frames and destroys their objects", unwound == 51 && what == "from the depth");

	try {
		std::vector<int>().at(3);
	} catch (const std::out_of_range &) {
		unwound = -1;
	}
	CHECK("the library throws too", unwound == -1);

	int numbers[] = {2, 1};
	try {
		std::qsort(numbers, 2, sizeof(int), [](const void *, const void *) -> int { throw 5; });
	} catch (int number) {
		unwound = number;
	}
	CHECK("an exception crosses a C function", unwound == 5);

	auto failing = std::async(std::launch::async, [] { throw std::logic_error("elsewhere"); });
	try {
		failing.get();
	} catch (const std::logic_error &error) {
		what = error.what();
	}
	CHECK("an exception comes over from another thread", what == "elsewhere");
}

struct Blocked {
	int pipe_end;
	std::atomic<pid_t> tid{0};
	int unwound = 0;
	bool caught = false;
};

void *read_for_ever(void *argument)
{
	auto &blocked = *static_cast<Blocked *>(argument);
	char byte;

	try {
		Guard guard{blocked.unwound};
		blocked.tid = gettid();
		while (read(blocked.pipe_end, &byte, 1) != 1)
			;
	} catch (...) {
		blocked.caught = true;
		throw;
	}
	return nullptr;
}

bool is_asleep(pid_t tid)
{
	std::ifstream file("/proc/self/task/" + std::to_string(tid) + "/stat");
	std::string stat((std::istreambuf_iterator<char>(file)), {});

	return stat.find(") S ") != std::string::npos;
}

/* The unwinding begins in a signal handler, which interrupted a call that would have been made again. */
void test_cancellation()
{
	int pipe_ends[2];
	Blocked blocked;
	pthread_t thread;
	void *result = nullptr;

	if (pipe(pipe_ends) != 0)
		std::abort();
	blocked.pipe_end = pipe_ends[0];
	pthread_create(&thread, nullptr, read_for_ever, &blocked);
	while (blocked.tid == 0 || !is_asleep(blocked.tid))
		sched_yield();
	pthread_cancel(thread);
	pthread_join(thread, &result);
	CHECK("a thread is cancelled in a system call", result == PTHREAD_CANCELED);
	CHECK("which destroys its objects", blocked.unwound == 1);
	CHECK("and looks like an exception", blocked.caught);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

struct Counted {
	static int destroyed;
	int value = 7;
	~Counted() { destroyed++; }
};

int Counted::destroyed;
thread_local Counted counted;

void test_threads()
{
	std::mutex mutex;
	std::vector<std::thread> threads;
	int sum = 0;

	for (int i = 0; i < 8; i++)
		threads.emplace_back([&] {
			std::lock_guard<std::mutex> lock(mutex);
			sum += counted.value;
		});
	for (auto &thread : threads)
		thread.join();
	CHECK("threads with thread-local objects", sum == 56 && Counted::destroyed == 8);

	std::once_flag once;
	int calls = 0;
	for (int i = 0; i < 3; i++)
		std::call_once(once, [&] { calls++; });
	CHECK("call_once calls once", calls == 1);
}

const std::string &lazy()
{
	static const std::string text = "made on first use";
	return text;
}

struct Base {
	virtual ~Base() = default;
};
struct Derived : Base {};

void test_language()
{
	std::unique_ptr<Base> object = std::make_unique<Derived>();
	std::ostringstream stream;
	std::map<std::string, int> words{{"b", 2}, {"a", 1}};

	CHECK("constructors of static objects ran before main", constructed == 2);
	CHECK("a static in a function", lazy() == "made on first use");
	CHECK("dynamic_cast", dynamic_cast<Derived *>(object.get()) != nullptr);
	for (const auto &[word, number] : words)
		stream << word << '=' << number << ' ' << std::hex << 255 << std::dec << ' ' << 0.5 << ';';
	CHECK("streams format", stream.str() == "a=1 ff 0.5;b=2 ff 0.5;");
	CHECK("regular expressions", std::regex_match("redis-7.0.15", std::regex("[a-z]+-(\\d+\\.)*\\d+")));
}

} // namespace

int main()
{
	test_language();
	test_exceptions();
	test_threads();
	test_cancellation();
	return check_result();
}
