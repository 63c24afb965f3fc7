/* SPDX-License-Identifier: Apache-2.0 */
#include "juju/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cause.h"
#include "base/cleanup.h"
#include "base/text.h"

enum {
	KILLED_TIME = 1000,       /* ms a killed child gets to be gone */
	PAUSE_FIRST = 20 * 1000,  /* ns between two looks whether a child is gone, growing ... */
	PAUSE_LAST = 1000 * 1000, /* ... to this */
};

struct child {
	const char *name;
	pid_t pid;
	int64_t limit, end; /* ms it may take, and the monotonic() at which they are over */
	int fds[2];         /* its standard output and standard error, -1 once at their end */
	struct buf *into[2];
};

/* Tools are real processes: their time is real, whatever else a clock may be told. */
static int64_t monotonic(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int start(const char *const *argv, const int *out, const int *said, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;
	int failure;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, said[1], STDERR_FILENO);
	/* What we ignore would be inherited; a tool expects the default. */
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGPIPE);
	(void)sigaddset(&signals, SIGXFSZ);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setsigdefault(&attributes, &signals);
	(void)sigemptyset(&signals);
	(void)posix_spawnattr_setsigmask(&attributes, &signals);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	failure = posix_spawnp(ret, argv[0], &actions, &attributes, (char *const *)argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return failure;
}

/* Takes what can be read from one pipe: 0, or -1 when it is more than the buffer's limit. */
static int take(struct child *child, int which)
{
	char piece[8192];
	ssize_t got = read(child->fds[which], piece, sizeof piece);

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got <= 0) {
		(void)close(child->fds[which]);
		child->fds[which] = -1;
		return 0;
	}
	return child->into[which] ? buf_add(child->into[which], piece, (size_t)got) : 0;
}

static int too_slow(const struct child *child, struct error *err)
{
	return error_set(err, ERROR_LIMIT, "%s: no end after %" PRId64 " s", child->name,
		(child->limit + 999) / 1000);
}

static int drain(struct child *child, struct error *err)
{
	while (child->fds[0] >= 0 || child->fds[1] >= 0) {
		struct pollfd polls[2] = {
			{ .fd = child->fds[0], .events = POLLIN },
			{ .fd = child->fds[1], .events = POLLIN },
		};
		int64_t left = child->end - monotonic();

		if (left <= 0)
			return too_slow(child, err);
		if (poll(polls, 2, (int)left) < 0 && errno != EINTR)
			return error_system(err, errno, "%s: poll", child->name);
		for (int i = 0; i < 2; i++)
			if (polls[i].revents && take(child, i) < 0)
				return error_set(err, ERROR_LIMIT,
					"%s: more than %d bytes of output", child->name,
					TOOL_OUTPUT_MAX);
	}
	return 0;
}

/*
 * 0 when the child is gone, its wait status in RET; 1 when it still runs at END. A tool that ends
 * closes its output a moment before it is gone, so the first looks follow one another fast.
 */
static int await(const struct child *child, int64_t end, int *ret, struct error *err)
{
	struct timespec pause = { .tv_nsec = PAUSE_FIRST };

	for (;;) {
		pid_t got = waitpid(child->pid, ret, WNOHANG);

		if (got == child->pid)
			return 0;
		if (got < 0 && errno != EINTR)
			return error_system(err, errno, "%s: wait", child->name);
		if (monotonic() >= end)
			return 1;
		(void)ppoll(NULL, 0, &pause, NULL);
		pause.tv_nsec = pause.tv_nsec * 2 < PAUSE_LAST ? pause.tv_nsec * 2 : PAUSE_LAST;
	}
}

/* A tool may close its output and still run: its end is waited for, but not for ever. */
static int reap(const struct child *child, bool failed, int *ret, struct error *err)
{
	int runs = failed ? 1 : await(child, child->end, ret, err);

	if (runs <= 0)
		return runs;
	(void)kill(child->pid, SIGKILL);
	/* One that is stuck in the kernel dies when it comes back from there; nobody waits for it. */
	(void)await(child, monotonic() + KILLED_TIME, ret, NULL);
	return failed ? -1 : too_slow(child, err);
}

/* What a tool's end means; SAID is what it wrote to standard error. */
static int judge(const char *name, int status, const struct buf *said, struct error *err)
{
	const char *text = buf_text(said);
	int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	CLEANUP(cleanup_free) char *line = NULL;
	char cause[160], shown[sizeof cause];

	if (status == 0)
		return 0;
	if (strncmp(text, "ERROR ", 6) == 0)
		text += 6;
	line = alloc_textf("%.*s", (int)strcspn(text, "\n"), text);
	(void)cause_fit(cause, sizeof cause, line);
	text_ascii(shown, sizeof shown, cause);
	if (WIFSIGNALED(status))
		error_set(err, ERROR_TOOL, "%s: ended by signal %d", name, WTERMSIG(status));
	else
		error_set(err, ERROR_TOOL, "%s: exit status %d%s%s", name, code, *shown ? ": " : "",
			shown);
	if (err)
		err->code = code;
	return -1;
}

static void close_both(const int *fds)
{
	(void)close(fds[0]);
	(void)close(fds[1]);
}

int tool_run(const char *const *argv, int64_t limit, struct buf *out, struct buf *said,
	struct error *err)
{
	struct child child = { .name = argv[0], .limit = limit, .into = { out, said } };
	int out_pipe[2], said_pipe[2];
	int failure, outcome, status = 0;

	if (pipe2(out_pipe, O_CLOEXEC) < 0)
		return error_system(err, errno, "%s: pipe", argv[0]);
	if (pipe2(said_pipe, O_CLOEXEC) < 0) {
		failure = errno;
		close_both(out_pipe);
		return error_system(err, failure, "%s: pipe", argv[0]);
	}
	child.end = monotonic() + limit;
	failure = start(argv, out_pipe, said_pipe, &child.pid);
	(void)close(out_pipe[1]);
	(void)close(said_pipe[1]);
	if (failure != 0) {
		(void)close(out_pipe[0]);
		(void)close(said_pipe[0]);
		error_set(err, ERROR_TOOL, "%s: %s", argv[0], strerror(failure));
		if (err)
			err->code = 127;
		return -1;
	}
	child.fds[0] = out_pipe[0];
	child.fds[1] = said_pipe[0];
	outcome = reap(&child, drain(&child, err) < 0, &status, err);
	for (int i = 0; i < 2; i++)
		cleanup_close(&child.fds[i]);
	return outcome < 0 ? -1 : judge(argv[0], status, said, err);
}
