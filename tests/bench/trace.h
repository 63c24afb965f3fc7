/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts from outside what a program does: it runs to its end under ptrace(), and so does
 * everything that it starts. This is slow, so it is for exact counts and not for times.
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

/* Runs COMMAND; if that is not possible, prints a line and ends this process. */
void trace_run(const struct command *command, struct trace *ret);

/* How often the program NAME was started. */
int trace_calls(const struct trace *trace, const char *name);

/* For a child: runs COMMAND in place of this process, with its output to descriptor OUT. */
__attribute__((noreturn)) void command_become(const struct command *command, int out);

#endif
