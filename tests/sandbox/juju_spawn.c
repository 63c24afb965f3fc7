/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One child process: its start, its output, its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_hook.h"

enum {
	LINE_MAX_BYTES = 4096, /* longer lines are several records */
	DRAIN_MS = 100,        /* output that is not read within this time after the end is lost */
	OUTPUT_LIMIT = 64 << 20,
};

struct child {
	const struct juju_program *program;
	struct juju_outcome *outcome;
	struct buf rest[2]; /* unfinished lines of stdout and stderr */
	int output[2];
	int exec_failed; /* becomes readable: an errno, or its end if the program runs */
	int gate;        /* the child waits for its end before it runs */
	pid_t pid;
};

static long long monotonic(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void give_line(struct child *child, int which)
{
	struct buf *rest = &child->rest[which];

	if (child->program->line)
		child->program->line(child->program->data, which == 1, buf_text(rest));
	rest->len = 0;
}

static void take(struct child *child, int which, const char *data, size_t size)
{
	struct buf *rest = &child->rest[which];

	(void)buf_add(which ? &child->outcome->err : &child->outcome->out, data, size);
	for (size_t at = 0; at < size; at++) {
		if (data[at] != '\n')
			(void)buf_add(rest, data + at, 1);
		if (data[at] == '\n' || rest->len >= LINE_MAX_BYTES)
			give_line(child, which);
	}
}

static void finish_lines(struct child *child)
{
	for (int which = 0; which < 2; which++) {
		if (child->rest[which].len)
			give_line(child, which);
		buf_done(&child->rest[which]);
	}
}

static void close_others(int keep)
{
	if (syscall(SYS_close_range, 3U, (unsigned)keep - 1, 0U) == 0 || errno != ENOSYS) {
		(void)syscall(SYS_close_range, (unsigned)keep + 1, ~0U, 0U);
		return;
	}
	for (int fd = 3; fd < 1024; fd++)
		if (fd != keep)
			(void)close(fd);
}

__attribute__((noreturn)) static void become(
	const struct juju_program *program, int out, int err, int gate, int failed)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;
	char byte;
	int number;

	(void)setpgid(0, 0);
	(void)dup2(null, 0);
	(void)dup2(out, 1);
	(void)dup2(err, 2);
	while (read(gate, &byte, 1) < 0 && errno == EINTR)
		;
	(void)dup2(failed, 3);
	(void)fcntl(3, F_SETFD, FD_CLOEXEC);
	close_others(3);
	for (int number_of = 1; number_of < NSIG; number_of++)
		(void)signal(number_of, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (!chdir(program->folder))
		(void)execve(program->path, program->argv, program->environment);
	number = errno;
	(void)!write(3, &number, sizeof number);
	_exit(127);
}

static int start(struct child *child)
{
	int out[2], err[2], gate[2], failed[2];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC) || pipe2(gate, O_CLOEXEC) ||
		pipe2(failed, O_CLOEXEC))
		return -1;
	(void)fflush(NULL);
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		(void)close(gate[1]);
		become(child->program, out[1], err[1], gate[0], failed[1]);
	}
	(void)setpgid(pid, pid);
	(void)close(out[1]);
	(void)close(err[1]);
	(void)close(gate[0]);
	(void)close(failed[1]);
	child->pid = pid;
	child->output[0] = out[0];
	child->output[1] = err[0];
	child->gate = gate[1];
	child->exec_failed = failed[0];
	return 0;
}

/* Reads once from a stream that has data; closes it at its end. */
static void read_stream(struct child *child, int which)
{
	char data[16384];
	ssize_t got = read(child->output[which], data, sizeof data);

	if (got > 0) {
		take(child, which, data, (size_t)got);
		return;
	}
	if (got < 0 && errno == EINTR)
		return;
	(void)close(child->output[which]);
	child->output[which] = -1;
}

/* Waits for output, the end (PIDFD) or UNTIL; true when the child has ended. */
static bool step(struct child *child, int pidfd, long long until)
{
	long long left = until - monotonic();
	struct pollfd set[3] = { { .fd = child->output[0], .events = POLLIN },
		{ .fd = child->output[1], .events = POLLIN }, { .fd = pidfd, .events = POLLIN } };

	if (poll(set, 3, left < 0 ? 0 : (int)(left > 60000 ? 60000 : left)) <= 0)
		return false;
	for (int which = 0; which < 2; which++)
		if (child->output[which] >= 0 && set[which].revents)
			read_stream(child, which);
	return pidfd >= 0 && set[2].revents;
}

static void follow(struct child *child)
{
	int pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0U);
	long long until = monotonic() + child->program->timeout * 1000;
	bool ended = false;

	while (!ended) {
		ended = step(child, pidfd, until);
		if (ended || monotonic() < until)
			continue;
		child->outcome->end = JUJU_TIMEOUT;
		(void)kill(-child->pid, SIGKILL);
		until = monotonic() + 5000;
	}
	(void)close(pidfd);
	until = monotonic() + DRAIN_MS;
	while ((child->output[0] >= 0 || child->output[1] >= 0) && monotonic() < until)
		(void)step(child, -1, until);
}

static void judge(struct juju_outcome *outcome, int status)
{
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	outcome->exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	outcome->signal = number;
	if (outcome->exit >= 0)
		(void)snprintf(
			outcome->problem, sizeof outcome->problem, "exit status %d", outcome->exit);
	else
		(void)snprintf(
			outcome->problem, sizeof outcome->problem, "signal: %s", strsignal(number));
	for (char *at = outcome->problem; number && *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	if (outcome->end == JUJU_TIMEOUT)
		return;
	if (number == SIGTERM || number == SIGKILL)
		outcome->end = JUJU_TERMINATED;
	else
		outcome->end = outcome->exit == 0 ? JUJU_DONE : JUJU_FAILED;
}

void juju_spawn(struct juju_outcome *ret, const struct juju_program *program)
{
	struct child child = { .program = program, .outcome = ret };
	int number = 0;
	int status;

	buf_init(&child.rest[0], OUTPUT_LIMIT);
	buf_init(&child.rest[1], OUTPUT_LIMIT);
	ret->end = JUJU_FAILED;
	ret->exit = -1;
	if (start(&child)) {
		(void)snprintf(ret->problem, sizeof ret->problem, "fork: %s", strerror(errno));
		return;
	}
	program->started(program->data, child.pid);
	(void)close(child.gate);
	if (read(child.exec_failed, &number, sizeof number) != (ssize_t)sizeof number)
		number = 0;
	(void)close(child.exec_failed);
	if (!number)
		follow(&child);
	while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
		;
	for (int which = 0; which < 2; which++)
		if (child.output[which] >= 0)
			(void)close(child.output[which]);
	finish_lines(&child);
	if (!number) {
		judge(ret, status);
		return;
	}
	(void)snprintf(ret->problem, sizeof ret->problem, "fork/exec %s: %s", program->path,
		strerror(number));
}
