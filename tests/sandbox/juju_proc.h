/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in Juju for tests: one model in a folder of its own, commands as child processes, and
 * what `show` says about a unit. The program is $SANDBOX_JUJU, sandbox-juju in PATH without it.
 *
 *	struct juju_proc juju;
 *	juju_proc_init(&juju);
 *	ck_assert_int_eq(juju_call(&juju, "deploy", charm, "microsample"), 0);
 *	juju_assert_status(&juju, "microsample/0", "active", "Ready at 'edge'");
 *	juju_proc_done(&juju);
 */
#ifndef SANDBOX_JUJU_PROC_H
#define SANDBOX_JUJU_PROC_H

#include <sys/types.h>

#include <cjson/cJSON.h>

struct juju_proc {
	char *dir; /* the model's; removed at the end */
	char *program;
};

struct juju_answer {
	int code;  /* exit code, 128 + signal when it was killed */
	char *out; /* stdout and stderr, NUL-terminated */
	char *err;
};

/* Makes the folder below $TMPDIR or /tmp. On failure, ends the test program. */
void juju_proc_init(struct juju_proc *ret);
/* Removes it; takes NULL. */
void juju_proc_done(struct juju_proc *juju);

/*
 * Runs a command to its end, with nothing on stdin. ARGS ends with NULL. Free with
 * juju_answer_done().
 */
struct juju_answer juju_proc_args(const struct juju_proc *juju, const char *const *args);
void juju_answer_done(struct juju_answer *answer);
#define juju_ask(juju, ...) juju_proc_args((juju), (const char *const[]){ __VA_ARGS__, NULL })

/* The same for its exit code only; what it printed goes to stderr when that is not 0. */
int juju_call_args(const struct juju_proc *juju, const char *const *args);
#define juju_call(juju, ...) juju_call_args((juju), (const char *const[]){ __VA_ARGS__, NULL })

/* Starts a command and does not wait; its pid. The output is lost. */
pid_t juju_start_args(const struct juju_proc *juju, const char *const *args);
#define juju_start(juju, ...) juju_start_args((juju), (const char *const[]){ __VA_ARGS__, NULL })
/* Waits for what juju_start() gave: exit code, 128 + signal when it was killed. */
int juju_wait(pid_t pid);

/* What `show UNIT` prints; to be deleted. On failure, ends the test program. */
cJSON *juju_show(const struct juju_proc *juju, const char *unit);

/* How often TOOL was called in the last run of HOOK (NULL: of anything); -1 when it never ran. */
int juju_show_calls(const cJSON *shown, const char *hook, const char *tool);
/* The last run of HOOK (NULL: of anything), borrowed from SHOWN; NULL when there is none. */
const cJSON *juju_show_run(const cJSON *shown, const char *hook);
/* The names of the hooks that ran, in order, with one space between; to be freed. */
char *juju_show_hooks(const cJSON *shown);
/* A text at the top of SHOWN, "" when there is none. */
const char *juju_show_text(const cJSON *shown, const char *key);
/* Whether a log line of at least LEVEL contains TEXT. */
int juju_show_logged(const cJSON *shown, const char *level, const char *text);

/* Needs check.h. Checks the status and the whole message, as the operator sees them. */
#define juju_assert_status(juju, unit, wanted_status, wanted_message)                              \
	do {                                                                                       \
		cJSON *shown_ = juju_show((juju), (unit));                                         \
		ck_assert_str_eq(juju_show_text(shown_, "status"), (wanted_status));               \
		ck_assert_str_eq(juju_show_text(shown_, "message"), (wanted_message));             \
		cJSON_Delete(shown_);                                                              \
	} while (0)

#endif
