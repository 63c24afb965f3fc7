/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one run of a program takes: time by the clock and by the kernel's books, and instructions by
 * callgrind.
 */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include "tests/bench/trace.h"

struct cost {
	double wall; /* milliseconds */
	double cpu;  /* milliseconds, user and system, with what it started and waited for */
	double own;  /* the same without */
};

/* Runs COMMAND to its end, which must be a good one: else this process ends, with a line. */
struct cost measure_run(const struct command *command);

/* The middle one of COUNT values, which are sorted for it. */
double measure_median(double *values, int count);

/*
 * Instructions of COMMAND's own process in user space, in thousands; 0 without valgrind. SCRATCH: a
 * file that is made and removed.
 */
double measure_instructions(const struct command *command, const char *scratch);

#endif
