// SPDX-License-Identifier: Apache-2.0
/* The C library proper: streams, formats, locale, conversion, sorting, time. */
#define _GNU_SOURCE
#include <locale.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "check.h"

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void test_formats(void)
{
	char text[128];
	double number;
	int length;

	snprintf(text, sizeof(text), "%d %5.3f %Lg %s %#x %zu", -7, 3.14159, 1e100L, "x", 255, sizeof(long));
	CHECK("printf formats", strcmp(text, "-7 3.142 1e+100 x 0xff 8") == 0);
	CHECK("scanf parses", sscanf("0x1.8p1 rest", "%lf %n", &number, &length) == 1 && number == 3.0 && length == 8);
	CHECK("strtod rounds correctly", strtod("0.1", NULL) == 0.1 && strtod("1e-400", NULL) == 0.0);
	errno = 0;
	CHECK("strtol notices overflow", strtol("99999999999999999999", NULL, 10) == 9223372036854775807L && errno == ERANGE);
}

static void test_streams(void)
{
	char *memory = NULL, *line = NULL;
	size_t size = 0, capacity = 0;
	FILE *stream = open_memstream(&memory, &size);

	fprintf(stream, "%0100000d", 7);
	fclose(stream);
	CHECK("a stream grows in memory", size == 100000 && memory[99999] == '7');
	free(memory);

	stream = tmpfile();
	CHECK("tmpfile opens", stream != NULL);
	if (!stream)
		return;
	for (int i = 0; i < 1000; i++)
		fprintf(stream, "line %d\n", i);
	rewind(stream);
	for (int i = 0; i < 1000; i++)
		(void)!getline(&line, &capacity, stream);
	CHECK("and gives back what was written", strcmp(line, "line 999\n") == 0 && getline(&line, &capacity, stream) == -1);
	fclose(stream);
	free(line);
}

static void test_locale(void)
{
	wchar_t wide[8];

	CHECK("the locale C.UTF-8 is built in", setlocale(LC_ALL, "C.UTF-8") != NULL);
	CHECK("it decodes", mbstowcs(wide, "aé€😀", 8) == 4 && wide[3] == 0x1f600);
	CHECK("there is no other", setlocale(LC_ALL, "xx_XX") == NULL);
	setlocale(LC_ALL, "C");
}

static void test_library(void)
{
	int numbers[1000];
	struct tm day = { 0 };
	time_t when = 951782400; /* 2000-02-29 */
	int sorted = 1;

	srandom(1);
	for (int i = 0; i < 1000; i++)
		numbers[i] = (int)(random() % 10000);
	qsort(numbers, 1000, sizeof(int), compare);
	for (int i = 1; i < 1000; i++)
		sorted = sorted && numbers[i - 1] <= numbers[i];
	CHECK("qsort sorts", sorted);
	gmtime_r(&when, &day);
	CHECK("gmtime knows leap years", day.tm_mon == 1 && day.tm_mday == 29);
	CHECK("the clock runs", clock_gettime(CLOCK_MONOTONIC, &(struct timespec){ 0 }) == 0 && time(NULL) > 1600000000);
	CHECK("sysconf knows pages and CPUs", sysconf(_SC_PAGESIZE) == 4096 && sysconf(_SC_NPROCESSORS_ONLN) >= 1);
}

int main(void)
{
	test_formats();
	test_streams();
	test_locale();
	test_library();
	return check_result();
}
