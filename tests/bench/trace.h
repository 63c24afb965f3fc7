/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program does, counted from outside: it runs under ptrace() to its end, and so does what it
 * starts. Slow; for numbers that are exact, not for times.
 */
#ifndef TESTS_BENCH_TRACE_H
#define TESTS_BENCH_TRACE_H

#include <stdbool.h>

enum {
	TRACE_TOOLS = 16,
};

struct command {
	const char *program;
	char *const *argv;
	char *const *environment;
	const char *directory; /* that it runs in */
};

struct trace {
	int exit;      /* exit status, 128 + signal when one ended it */
	int processes; /* that it started, directly or not */
	int syncs;     /* calls that wait for the disk */
	long rss;      /* KiB, the program's own peak */
	struct {
		char name[32];
		int calls;
	} tools[TRACE_TOOLS]; /* programs that were started, in the order of their first call */
};

/* Whether a process can be traced here. */
bool trace_possible(void);

/* Runs COMMAND; ends this process, with a line, when that cannot be done. */
void trace_run(const struct command *command, struct trace *ret);

/* How often the program NAME was started. */
int trace_calls(const struct trace *trace, const char *name);

/* Becomes COMMAND with its output in the file descriptor OUT: for a child. */
__attribute__((noreturn)) void command_become(const struct command *command, int out);

#endif
