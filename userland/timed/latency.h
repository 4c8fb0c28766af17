/* SPDX-License-Identifier: MIT */
/* How long a server takes for an answer when requests come at a fixed rate. */
#ifndef LATENCY_H
#define LATENCY_H

struct server;

/* Requests and the nanoseconds between two of them: "get=40000,set=42000". Those of no other are measured. */
void plan_latencies(const char *intervals);

/* Measures the planned ones, then prints a histogram of each. */
void measure_latencies(const struct server *server);

#endif
