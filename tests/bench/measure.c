/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"

static _Noreturn void give_up(const struct command *command, const char *what)
{
	(void)fprintf(stderr, "measure: %s: %s\n", command->program, what);
	exit(EXIT_FAILURE);
}

static double now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static double milliseconds(struct timeval time)
{
	return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

/* The CPU time of PID itself, which the kernel keeps until somebody waits for the process. */
static double own_time(pid_t pid)
{
	char path[64], text[64] = "";

	(void)snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
	CLEANUP(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		return 0;
	return (double)strtoll(text, NULL, 10) / 1e6;
}

struct cost measure_run(const struct command *command)
{
	struct rusage usage;
	struct cost ret;
	siginfo_t end;
	int ends[2], status;
	pid_t pid;

	/* As with Juju, a pipe; the output of a hook fits into it. */
	if (pipe2(ends, O_CLOEXEC) < 0)
		give_up(command, "no pipe");
	ret.wall = now();
	/* The child shares our memory until it calls exec, so our size does not matter. */
	pid = vfork();
	if (pid == 0)
		command_become(command, ends[1]);
	if (pid < 0 || waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT) < 0)
		give_up(command, strerror(errno));
	ret.wall = now() - ret.wall;
	ret.own = own_time(pid);
	if (wait4(pid, &status, 0, &usage) != pid || status != 0)
		give_up(command, "did not end well");
	ret.cpu = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return ret;
}

static int ascending(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

double measure_median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof *values, ascending);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static double read_total(const char *path)
{
	char line[256];
	double ret = 0;
	FILE *file = fopen(path, "re");

	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, "totals:", 7) == 0 || strncmp(line, "summary:", 8) == 0)
			ret = strtod(strchr(line, ':') + 1, NULL) / 1e3;
	if (file)
		(void)fclose(file);
	return ret;
}

static const char *find_valgrind(void)
{
	static const char *const paths[] = { "/usr/bin/valgrind", "/usr/local/bin/valgrind" };

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (access(paths[i], X_OK) == 0)
			return paths[i];
	return NULL;
}

double measure_instructions(const struct command *command, const char *scratch)
{
	CLEANUP(cleanup_free) char *out = alloc_textf("--callgrind-out-file=%s", scratch);
	const char *argv[] = { "valgrind", "-q", "--tool=callgrind", out, command->program, NULL };
	struct command valgrind = *command;
	double ret;

	valgrind.program = find_valgrind();
	valgrind.argv = (char *const *)argv;
	if (!valgrind.program)
		return 0;
	(void)measure_run(&valgrind);
	ret = read_total(scratch);
	(void)unlink(scratch);
	return ret;
}
