// SPDX-License-Identifier: Apache-2.0
/* POSIX threads: creation, locks, thread-local storage, cancellation, exit. */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

#define THREADS 64
#define ROUNDS 1000

static __thread int tls_initialised = 42;
static __thread int tls_zero;
static __thread char tls_large[4096] __attribute__((aligned(64)));

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long counter;

static void *count_under_lock(void *argument)
{
	intptr_t good = tls_initialised == 42 && tls_zero == 0 && ((uintptr_t)tls_large & 63) == 0;

	tls_initialised = (int)(intptr_t)argument;
	tls_zero = -(int)(intptr_t)argument;
	tls_large[sizeof(tls_large) - 1] = 1;
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
	}
	good = good && tls_initialised == (intptr_t)argument && tls_zero == -(intptr_t)argument;
	return (void *)good;
}

static void test_many_threads(void)
{
	pthread_t threads[THREADS];
	int created = 0;
	int good = 0;

	for (intptr_t i = 0; i < THREADS; i++)
		created += pthread_create(&threads[i], NULL, count_under_lock, (void *)i) == 0;
	CHECK("64 threads start", created == THREADS);
	for (int i = 0; i < THREADS; i++) {
		void *result = NULL;

		pthread_join(threads[i], &result);
		good += result != NULL;
	}
	CHECK("every thread has its own thread-local variables", good == THREADS);
	CHECK("a mutex excludes", counter == (long)THREADS * ROUNDS);
	CHECK("the first thread's variables are as they were", tls_initialised == 42 && tls_zero == 0);
}

static int turn;

static void *take_turns(void *argument)
{
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 100; i++) {
		while (turn != (int)(intptr_t)argument)
			pthread_cond_wait(&changed, &mutex);
		turn = !turn;
		pthread_cond_signal(&changed);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static void test_condition_variable(void)
{
	pthread_t other;

	pthread_create(&other, NULL, take_turns, (void *)1);
	take_turns((void *)0);
	pthread_join(other, NULL);
	CHECK("two threads take turns through a condition variable", turn == 0);
}

static pthread_key_t key;
static int keys_destroyed;

static void destroy_key(void *value)
{
	keys_destroyed += *(int *)value;
}

static void *use_key(void *argument)
{
	pthread_setspecific(key, argument);
	pthread_exit(pthread_getspecific(key));
}

static void test_keys(void)
{
	pthread_t thread;
	int value = 5;
	void *result;

	pthread_key_create(&key, destroy_key);
	pthread_create(&thread, NULL, use_key, &value);
	pthread_join(thread, &result);
	CHECK("pthread_exit gives its value to join", result == &value);
	CHECK("a key's destructor runs at the thread's end", keys_destroyed == 5);
}

static sem_t about_to_block;
static int cleaned_up;

static void clean_up(void *argument)
{
	cleaned_up += *(int *)argument;
}

static void *block_in_read(void *argument)
{
	int amount = 7;
	char byte;

	pthread_cleanup_push(clean_up, &amount);
	sem_post(&about_to_block);
	(void)!read(*(int *)argument, &byte, 1);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *compute_for_ever(void *argument)
{
	int amount = 11;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_cleanup_push(clean_up, &amount);
	sem_post(&about_to_block);
	for (;;)
		__asm__ volatile("" ::: "memory");
	pthread_cleanup_pop(0);
	return argument;
}

static void test_cancellation(void)
{
	pthread_t thread;
	int ends[2];
	void *result;

	sem_init(&about_to_block, 0, 0);
	(void)!pipe(ends);
	pthread_create(&thread, NULL, block_in_read, &ends[0]);
	sem_wait(&about_to_block);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	CHECK("a thread that blocks in read is cancelled", result == PTHREAD_CANCELED);
	CHECK("its cleanup handler ran", cleaned_up == 7);

	pthread_create(&thread, NULL, compute_for_ever, NULL);
	sem_wait(&about_to_block);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	CHECK("a thread that computes is cancelled", result == PTHREAD_CANCELED);
	CHECK("the unwinder went through the signal's frame", cleaned_up == 18);
}

static pthread_barrier_t barrier;
static int arrived;

static void *meet(void *argument)
{
	(void)argument;
	__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
	return (void *)(intptr_t)(pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD);
}

static void test_barrier(void)
{
	pthread_t threads[7];
	intptr_t serial;
	void *result;

	pthread_barrier_init(&barrier, NULL, 8);
	for (int i = 0; i < 7; i++)
		pthread_create(&threads[i], NULL, meet, NULL);
	serial = (intptr_t)meet(NULL);
	CHECK("nobody leaves a barrier early", __atomic_load_n(&arrived, __ATOMIC_SEQ_CST) == 8);
	for (int i = 0; i < 7; i++) {
		pthread_join(threads[i], &result);
		serial += (intptr_t)result;
	}
	CHECK("exactly one thread is the serial one", serial == 1);
}

static volatile sig_atomic_t signalled_tid;

static void note_tid(int number)
{
	(void)number;
	signalled_tid = (int)syscall(SYS_gettid);
	sem_post(&about_to_block);
}

static void *wait_for_signal(void *argument)
{
	*(int *)argument = gettid();
	sem_post(&about_to_block);
	while (!signalled_tid)
		sched_yield();
	return NULL;
}

static void test_directed_signal(void)
{
	pthread_t thread;
	int tid = 0;

	signal(SIGUSR1, note_tid);
	pthread_create(&thread, NULL, wait_for_signal, &tid);
	sem_wait(&about_to_block);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	CHECK("pthread_kill reaches the thread that was meant", signalled_tid == tid && tid != getpid());
}

static void *measure_stack(void *argument)
{
	volatile char large[256 * 1024];

	large[0] = 1;
	large[sizeof(large) - 1] = 2;
	(void)argument;
	return (void *)(intptr_t)(large[0] + large[sizeof(large) - 1]);
}

static void test_attributes(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	void *result = NULL;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 256 * 1024 + PTHREAD_STACK_MIN + 64 * 1024);
	CHECK("a thread with its own stack size starts",
	      pthread_create(&thread, &attributes, measure_stack, NULL) == 0);
	pthread_join(thread, &result);
	CHECK("and has that much stack", result == (void *)3);
}

int main(void)
{
	test_many_threads();
	test_condition_variable();
	test_keys();
	test_cancellation();
	test_barrier();
	test_directed_signal();
	test_attributes();
	return check_result();
}
