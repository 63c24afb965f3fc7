/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_proc.h"

#include <check.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"

#ifndef SANDBOX_SNAPD
#define SANDBOX_SNAPD "tests/sandbox/sandbox-snapd"
#endif

enum {
	READY_MS = 20000,
	ANSWER_SECONDS = 60
};

#define ANSWER_LIMIT ((size_t)256 << 20)

/* ARGV has room for its name in front. */
static _Noreturn void become(const char **argv)
{
	const char *program = getenv("SANDBOX_SNAPD");

	argv[0] = program && program[0] != '\0' ? program : SANDBOX_SNAPD;
	(void)execv(argv[0], (char *const *)argv);
	(void)fprintf(stderr, "%s: ", argv[0]);
	perror(NULL);
	_exit(127);
}

static _Noreturn void run(const struct snapd_proc *proc, int out)
{
	const char *argv[SNAPD_PROC_OPTIONS + 6];
	size_t count = 1;

	argv[count++] = "serve";
	argv[count++] = "--socket";
	argv[count++] = proc->socket;
	for (const char *const *option = proc->options; *option; option++)
		argv[count++] = *option;
	argv[count] = NULL;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(out, STDOUT_FILENO);
	become(argv);
}

void snapd_proc_run(const char *const *words)
{
	const char *argv[SNAPD_PROC_OPTIONS + 2] = { NULL };
	pid_t pid;
	int status = -1;

	for (size_t i = 0; words[i]; i++) {
		ck_assert_uint_lt(i, SNAPD_PROC_OPTIONS);
		argv[i + 1] = words[i];
	}
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		become(argv);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

void snapd_proc_again(struct snapd_proc *proc)
{
	struct pollfd ready = { .events = POLLIN };
	char line[6] = { 0 };
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	proc->pid = fork();
	ck_assert_int_ge(proc->pid, 0);
	if (proc->pid == 0)
		run(proc, ends[1]);
	(void)close(ends[1]);
	ready.fd = ends[0];
	ck_assert_int_eq(poll(&ready, 1, READY_MS), 1);
	ck_assert_int_eq(read(ends[0], line, sizeof line), sizeof line);
	ck_assert_mem_eq(line, "ready\n", sizeof line);
	(void)close(ends[0]);
}

void snapd_proc_start(struct snapd_proc *proc, const char *dir, const char *const *options)
{
	size_t count = 0;
	int length;

	*proc = (struct snapd_proc){ .pid = 0 };
	length = snprintf(proc->socket, sizeof proc->socket, "%s/snapd.socket", dir);
	/* The control socket's name is longer and must still fit. */
	ck_assert_int_lt(length + 5, (int)sizeof proc->socket);
	for (; options && options[count]; count++) {
		ck_assert_uint_lt(count, SNAPD_PROC_OPTIONS);
		proc->options[count] = options[count];
	}
	snapd_proc_again(proc);
}

void snapd_proc_stop(struct snapd_proc *proc)
{
	int status = -1;

	if (proc->pid == 0)
		return;
	(void)kill(proc->pid, SIGTERM);
	ck_assert_int_eq(waitpid(proc->pid, &status, 0), proc->pid);
	proc->pid = 0;
	ck_assert_int_eq(status, 0);
}

void snapd_proc_kill(struct snapd_proc *proc)
{
	(void)kill(proc->pid, SIGKILL);
	ck_assert_int_eq(waitpid(proc->pid, NULL, 0), proc->pid);
	proc->pid = 0;
}

static size_t collect(char *data, size_t size, size_t count, void *buf)
{
	return buf_add(buf, data, size * count) < 0 ? 0 : size * count;
}

static CURL *request(const char *socket, const char *target, struct buf *answer)
{
	CLEANUP(cleanup_free) char *url = alloc_textf("http://localhost%s", target);
	CURL *curl = curl_easy_init();

	buf_init(answer, ANSWER_LIMIT);
	(void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)ANSWER_SECONDS);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	return curl;
}

static cJSON *perform(CURL *curl, const struct buf *answer, long *ret_status)
{
	CURLcode code = curl_easy_perform(curl);

	*ret_status = -(long)code;
	if (code == CURLE_OK)
		(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, ret_status);
	curl_easy_cleanup(curl);
	return code == CURLE_OK ? cJSON_Parse(buf_text(answer)) : NULL;
}

static cJSON *ask(const char *socket, const char *method, const char *target, const char *body,
	long *ret_status)
{
	CLEANUP(buf_done) struct buf answer;
	CURL *curl = request(socket, target, &answer);

	(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	if (body)
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	return perform(curl, &answer, ret_status);
}

static void add_part(curl_mime *mime, const char *dir, char *word)
{
	CLEANUP(cleanup_free) char *path = NULL;
	curl_mimepart *part = curl_mime_addpart(mime);
	char *value = strchr(word, '=');

	ck_assert_ptr_nonnull(value);
	*value++ = '\0';
	(void)curl_mime_name(part, word);
	if (value[0] != '@') {
		(void)curl_mime_data(part, value, CURL_ZERO_TERMINATED);
		return;
	}
	path = alloc_textf("%s/%s", dir, value + 1);
	ck_assert_int_eq(curl_mime_filedata(part, path), CURLE_OK);
}

cJSON *snapd_proc_send(struct snapd_proc *proc, const char *dir, const char *form, long *ret_status)
{
	CLEANUP(cleanup_free) char *words = alloc_text(form);
	CLEANUP(buf_done) struct buf answer;
	CURL *curl = request(proc->socket, "/v2/snaps", &answer);
	curl_mime *mime = curl_mime_init(curl);
	cJSON *ret;

	for (char *next = words, *word; (word = strsep(&next, " "));)
		add_part(mime, dir, word);
	(void)curl_easy_setopt(curl, CURLOPT_MIMEPOST, mime);
	ret = perform(curl, &answer, ret_status);
	curl_mime_free(mime);
	return ret;
}

cJSON *snapd_proc_ask(struct snapd_proc *proc, const char *method, const char *target,
	const char *body, long *ret_status)
{
	return ask(proc->socket, method, target, body, ret_status);
}

static char *command(const char *format, va_list arguments)
{
	CLEANUP(cleanup_free) char *quoted = alloc_text(format);
	char *text = NULL;

	for (char *c = quoted; *c; c++)
		if (*c == '\'')
			*c = '"';
/* The same text as the format that was checked, up to its quotes. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	ck_assert_int_ge(vasprintf(&text, quoted, arguments), 0);
#pragma GCC diagnostic pop
	return text;
}

static cJSON *control(struct snapd_proc *proc, const char *text)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s.ctl", proc->socket);
	long status;
	cJSON *answer = ask(path, "POST", "/", text, &status);

	if (status != 200)
		ck_abort_msg("%s: %ld %s", text, status,
			answer ? answer->child->valuestring : "no answer");
	return answer;
}

cJSON *snapd_proc_ctl(struct snapd_proc *proc, const char *format, ...)
{
	CLEANUP(cleanup_free) char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = command(format, arguments);
	va_end(arguments);
	return control(proc, text);
}

void snapd_proc_do(struct snapd_proc *proc, const char *format, ...)
{
	CLEANUP(cleanup_free) char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = command(format, arguments);
	va_end(arguments);
	cJSON_Delete(control(proc, text));
}
