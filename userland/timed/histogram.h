/* SPDX-License-Identifier: MIT */
/* How often which time was measured, exact to 1 in 128, as HdrHistogram does it: linear within each power of two. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

/* Values below are exact, and each power of two above has half as many buckets. */
#define EXACT 256
/* Up to 2 to the 40th nanoseconds, 18 minutes. */
#define BUCKETS (EXACT + (40 - 8) * EXACT / 2)

struct histogram {
	unsigned int counts[BUCKETS];
};

void record(struct histogram *histogram, unsigned long value);

/*
 * One line, unless it is empty; a bucket's value is the largest that falls into it:
 *
 *   latency NAME INTERVAL VALUE:COUNT VALUE:COUNT …
 */
void print_histogram(const struct histogram *histogram, const char *name, unsigned long interval);

#endif
