/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in snapd as a child process, for tests with Check. Any error here ends the test at
 * once.
 *
 *	struct snapd_proc snapd;
 *
 *	snapd_proc_start(&snapd, dir, NULL);
 *	snapd_proc_do(&snapd, "{'do':'store','set':{'down':true}}");
 *	... the charm talks to snapd.socket ...
 *	snapd_proc_stop(&snapd);
 */
#ifndef TESTS_SANDBOX_SNAPD_PROC_H
#define TESTS_SANDBOX_SNAPD_PROC_H

#include <cjson/cJSON.h>
#include <sys/types.h>

enum {
	SNAPD_PROC_OPTIONS = 16
};

struct snapd_proc {
	pid_t pid;        /* 0 when it does not run */
	char socket[104]; /* of the API: DIR/snapd.socket */
	const char *options[SNAPD_PROC_OPTIONS + 1];
};

/*
 * Starts the program that SANDBOX_SNAPD names (tests/sandbox/sandbox-snapd in the build folder by
 * default) with its sockets in DIR, and waits until it is ready. OPTIONS are more of the command
 * line ("--manual", "--state", ...), NULL at the end, borrowed until the end; NULL = none. It dies
 * with the process that started it.
 */
void snapd_proc_start(struct snapd_proc *proc, const char *dir, const char *const *options);

/* Starts it again with the same options; after snapd_proc_kill() with --state, it is a restart. */
void snapd_proc_again(struct snapd_proc *proc);

/* Ends it; it must end with success. Does nothing if it does not run. */
void snapd_proc_stop(struct snapd_proc *proc);

/* SIGKILL. */
void snapd_proc_kill(struct snapd_proc *proc);

/*
 * Sends a control command (see sandbox-snapd --help), which must succeed, and returns the answer,
 * which the caller owns. To keep the C code readable, every ' in FORMAT is sent as a "; the
 * arguments stay unchanged.
 */
cJSON *snapd_proc_ctl(struct snapd_proc *proc, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same when the answer does not matter. */
void snapd_proc_do(struct snapd_proc *proc, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Makes a request to the API, as any client would. BODY may be NULL. Returns the answer's JSON,
 * which the caller owns, and its HTTP status; NULL and -CURLcode if there was no answer, NULL and
 * the status if it was not JSON.
 */
cJSON *snapd_proc_ask(struct snapd_proc *proc, const char *method, const char *target,
	const char *body, long *ret_status);

/*
 * The same for POST /v2/snaps with a form: words like name=value, or name=@file for a file in DIR, a
 * blank between them.
 */
cJSON *snapd_proc_send(
	struct snapd_proc *proc, const char *dir, const char *form, long *ret_status);

/* Runs the same program with WORDS, NULL at the end, until its end, which must be a success. */
void snapd_proc_run(const char *const *words);

#endif
