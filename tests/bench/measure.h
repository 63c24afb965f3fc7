/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one run of a program takes: wall time, CPU time as the kernel counts it, and instructions as
 * callgrind counts them.
 */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include "tests/bench/trace.h"

struct cost {
	double wall; /* milliseconds */
	double cpu;  /* milliseconds, user and system, with what it started and waited for */
	double own;  /* the same, without those */
};

/* Runs COMMAND to its end. If it fails, prints a line and ends this process. */
struct cost measure_run(const struct command *command);

/* The median of COUNT values; sorts them. */
double measure_median(double *values, int count);

/*
 * Instructions of COMMAND's own process in user space, in thousands; 0 without valgrind. SCRATCH: a
 * file that is made and removed.
 */
double measure_instructions(const struct command *command, const char *scratch);

#endif
