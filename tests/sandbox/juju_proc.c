/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_log.h"

enum {
	ARGS_MAX = 64,
	OUTPUT_LIMIT = 256 << 20,
};

__attribute__((noreturn)) static void give_up(const char *what)
{
	(void)fprintf(stderr, "juju_proc: %s: %s\n", what, strerror(errno));
	abort();
}

void juju_proc_init(struct juju_proc *ret)
{
	const char *folder = getenv("TMPDIR");
	const char *program = getenv("SANDBOX_JUJU");

	ret->dir = alloc_textf("%s/juju-XXXXXX", folder && *folder ? folder : "/tmp");
	ret->program = alloc_text(program && *program ? program : "sandbox-juju");
	if (!mkdtemp(ret->dir))
		give_up(ret->dir);
}

void juju_proc_done(struct juju_proc *juju)
{
	if (!juju)
		return;
	(void)juju_remove_tree(juju->dir, NULL);
	free(juju->dir);
	free(juju->program);
	*juju = (struct juju_proc){ 0 };
}

static pid_t start(const struct juju_proc *juju, const char *const *args, int out, int err)
{
	char *argv[ARGS_MAX] = { 0 };
	int count = 0;
	pid_t pid;

	argv[count++] = juju->program;
	argv[count++] = alloc_text("--model");
	argv[count++] = juju->dir;
	for (int at = 0; args[at] && count < ARGS_MAX - 1; at++)
		argv[count++] = alloc_text(args[at]);
	(void)fflush(NULL);
	pid = fork();
	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		(void)dup2(null, 0);
		(void)dup2(out >= 0 ? out : null, 1);
		(void)dup2(err >= 0 ? err : null, 2);
		(void)execvp(juju->program, argv);
		_exit(127);
	}
	for (int at = 1; at < count; at++)
		if (argv[at] != juju->dir)
			free(argv[at]);
	return pid;
}

int juju_wait(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			give_up("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t juju_start_args(const struct juju_proc *juju, const char *const *args)
{
	return start(juju, args, -1, -1);
}

/* Reads both streams to their ends. */
static void collect(int out, int err, struct buf *ret_out, struct buf *ret_err)
{
	struct pollfd set[2] = { { .fd = out, .events = POLLIN }, { .fd = err, .events = POLLIN } };
	struct buf *bufs[2] = { ret_out, ret_err };
	char data[16384];

	while (set[0].fd >= 0 || set[1].fd >= 0) {
		if (poll(set, 2, -1) < 0 && errno != EINTR)
			give_up("poll");
		for (int at = 0; at < 2; at++) {
			ssize_t got;

			if (set[at].fd < 0 || !set[at].revents)
				continue;
			got = read(set[at].fd, data, sizeof data);
			if (got > 0)
				(void)buf_add(bufs[at], data, (size_t)got);
			else if (got == 0 || errno != EINTR)
				set[at].fd = -1;
		}
	}
}

struct juju_answer juju_proc_args(const struct juju_proc *juju, const char *const *args)
{
	CLEANUP(buf_done) struct buf out = { .limit = OUTPUT_LIMIT };
	CLEANUP(buf_done) struct buf err = { .limit = OUTPUT_LIMIT };
	struct juju_answer answer;
	int pipes[2][2];
	pid_t pid;

	if (pipe2(pipes[0], O_CLOEXEC) || pipe2(pipes[1], O_CLOEXEC))
		give_up("pipe");
	pid = start(juju, args, pipes[0][1], pipes[1][1]);
	(void)close(pipes[0][1]);
	(void)close(pipes[1][1]);
	collect(pipes[0][0], pipes[1][0], &out, &err);
	(void)close(pipes[0][0]);
	(void)close(pipes[1][0]);
	answer.code = juju_wait(pid);
	answer.out = alloc_text(buf_text(&out));
	answer.err = alloc_text(buf_text(&err));
	return answer;
}

void juju_answer_done(struct juju_answer *answer)
{
	free(answer->out);
	free(answer->err);
	*answer = (struct juju_answer){ 0 };
}

int juju_call_args(const struct juju_proc *juju, const char *const *args)
{
	struct juju_answer answer = juju_proc_args(juju, args);
	int code = answer.code;

	if (code)
		(void)fprintf(stderr, "sandbox-juju %s: exit %d\n%s%s", args[0], code, answer.out,
			answer.err);
	juju_answer_done(&answer);
	return code;
}

cJSON *juju_show(const struct juju_proc *juju, const char *unit)
{
	struct juju_answer answer = juju_ask(juju, "show", unit);
	cJSON *shown = cJSON_Parse(answer.out);

	if (!shown) {
		(void)fprintf(
			stderr, "sandbox-juju show %s: exit %d\n%s", unit, answer.code, answer.err);
		abort();
	}
	juju_answer_done(&answer);
	return shown;
}

const cJSON *juju_show_run(const cJSON *shown, const char *hook)
{
	const cJSON *found = NULL;
	const cJSON *run;

	cJSON_ArrayForEach(run,
		json_get(shown, "runs")) if (!hook || strcmp(json_text(run, "name", ""), hook) == 0)
		found = run;
	return found;
}

int juju_show_calls(const cJSON *shown, const char *hook, const char *tool)
{
	const cJSON *run = juju_show_run(shown, hook);

	return run ? (int)json_number(json_get(run, "tools"), tool, 0) : -1;
}

char *juju_show_hooks(const cJSON *shown)
{
	CLEANUP(buf_done) struct buf names = { .limit = OUTPUT_LIMIT };
	const cJSON *hook;

	cJSON_ArrayForEach(hook, json_get(shown, "hooks"))(void)
		buf_addf(&names, "%s%s", names.len ? " " : "", cJSON_GetStringValue(hook));
	return alloc_text(buf_text(&names));
}

const char *juju_show_text(const cJSON *shown, const char *key)
{
	return json_text(shown, key, "");
}

int juju_show_logged(const cJSON *shown, const char *level, const char *text)
{
	const cJSON *record;

	cJSON_ArrayForEach(record,
		json_get(shown, "log")) if (juju_log_level(json_text(record, "level", "")) >=
						    juju_log_level(level) &&
					    strstr(json_text(record, "text", ""), text)) return 1;
	return 0;
}
