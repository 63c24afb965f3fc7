/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/charm.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/sandbox/snapd_port.h"
#include "tests/suite.h"

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	ck_assert_msg(value != NULL, "%s is not set: run this by make check", name);
	return value;
}

void charm_open(struct charm *charm, const char *like)
{
	memset(charm, 0, sizeof *charm);
	(void)snprintf(charm->dir, sizeof charm->dir, "/tmp/charm-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(charm->dir));
	(void)snprintf(charm->clock_path, sizeof charm->clock_path, "%s/clock", charm->dir);
	charm->clock = sandbox_clock_open(charm->clock_path, NULL);
	ck_assert_ptr_nonnull(charm->clock);
	charm->options[0] = "--like";
	charm->options[1] = like;
	charm->options[2] = "--clock";
	charm->options[3] = charm->clock_path;
	(void)snprintf(charm->data, sizeof charm->data, "%s/data", charm->dir);
	charm->options[4] = "--data";
	charm->options[5] = charm->data;
	snapd_proc_start(&charm->snapd, charm->dir, charm->options);
	juju_proc_init(&charm->juju);
}

void charm_close(struct charm *charm)
{
	char *command = alloc_textf("rm -rf %s", charm->dir);

	if (charm->waker) {
		(void)kill(charm->waker, SIGKILL);
		(void)waitpid(charm->waker, NULL, 0);
	}
	juju_proc_done(&charm->juju);
	snapd_proc_stop(&charm->snapd);
	sandbox_clock_close(charm->clock);
	ck_assert_int_eq(system(command), 0);
	free(command);
}

void charm_juju(const char *like)
{
	ck_assert_int_eq(setenv("SANDBOX_JUJU_LIKE", like, 0), 0);
}

int charm_tells(void)
{
	const char *like = getenv("SANDBOX_JUJU_LIKE");

	return like && strcmp(like, "4.0") == 0 ? 2 : 1;
}

int charm_run(Suite *(*suite)(void))
{
	static const char *const likes[] = { "3.6", "4.0" };
	int result = EXIT_SUCCESS;

	if (getenv("SANDBOX_JUJU_LIKE"))
		return run_suite(suite());
	for (size_t i = 0; i < sizeof likes / sizeof *likes; i++) {
		(void)setenv("SANDBOX_JUJU_LIKE", likes[i], 1);
		if (run_suite(suite()) != EXIT_SUCCESS) {
			(void)fprintf(stderr, "that was Juju %s\n", likes[i]);
			result = EXIT_FAILURE;
		}
	}
	return result;
}

TCase *charm_case(Suite *suite, const char *name, void (*open)(void), void (*close)(void))
{
	TCase *tests = tcase_create(name);

	tcase_add_checked_fixture(tests, open, close);
	tcase_set_timeout(tests, 120);
	suite_add_tcase(suite, tests);
	return tests;
}

static int deploy(struct charm *charm, const char *application, const char *flag, const char *value)
{
	char *socket = alloc_textf("MICROSAMPLE_SNAPD_SOCKET=%s", charm->snapd.socket);
	char *port = snapd_port_setting(charm->dir);
	char *data = alloc_textf("MICROSAMPLE_SNAP_DATA=%s", charm->data);
	char *machine = alloc_textf("MICROSAMPLE_REGISTER=%s/register", charm->dir);
	char *preload = alloc_textf("LD_PRELOAD=%s", environment("SANDBOX_CLOCK_SO"));
	char *clock = alloc_textf("SANDBOX_CLOCK=%s", charm->clock_path);
	const char *args[] = { "deploy", environment("CHARM_TREE"), application, "--hook-env",
		socket, "--hook-env", port, "--hook-env", data, "--hook-env", machine, "--hook-env",
		preload, "--hook-env", clock, "--clock", charm->clock_path, value ? flag : NULL,
		value, NULL };
	int code = juju_call_args(&charm->juju, args);

	free(socket);
	free(port);
	free(data);
	free(machine);
	free(preload);
	free(clock);
	return code;
}

int charm_deploy_as(struct charm *charm, const char *application, const char *option)
{
	return deploy(charm, application, "--config", option);
}

int charm_deploy(struct charm *charm, const char *option)
{
	return charm_deploy_as(charm, "microsample", option);
}

int charm_deploy_file(struct charm *charm, const char *pair)
{
	return deploy(charm, "microsample", "--resource", pair);
}

void charm_open_ready(struct charm *charm, const char *like)
{
	charm_open(charm, like);
	ck_assert_int_eq(charm_deploy(charm, NULL), 0);
	charm_expect(charm, "active", "Ready at 'edge'");
	charm_forget(charm);
}

static const char *text_of(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

	return text ? text : "";
}

const char *charm_told(const cJSON *task, const char *key)
{
	return text_of(cJSON_GetObjectItemCaseSensitive(task, UNIT), key);
}

const char *charm_result(const cJSON *task, const char *key)
{
	const cJSON *unit = cJSON_GetObjectItemCaseSensitive(task, UNIT);

	return text_of(cJSON_GetObjectItemCaseSensitive(unit, "results"), key);
}

void charm_config(struct charm *charm, const char *channel)
{
	char *setting = alloc_textf("channel=%s", channel);

	ck_assert_int_eq(juju_call(&charm->juju, "config", "microsample", setting), 0);
	free(setting);
}

int charm_hook(struct charm *charm, const char *hook)
{
	cJSON *shown;
	int code;

	ck_assert_int_eq(juju_call(&charm->juju, "hook", UNIT, hook), 0);
	shown = juju_show(&charm->juju, UNIT);
	code = cJSON_GetObjectItem(juju_show_run(shown, hook), "exit")->valueint;
	cJSON_Delete(shown);
	return code;
}

int charm_tick(struct charm *charm)
{
	return charm_hook(charm, "update-status");
}

static char *service_path(const struct charm *charm, const char *kind)
{
	return alloc_textf(
		"%s/services/microsample-vm-wait-microsample-0.%s", charm->juju.dir, kind);
}

/* What systemd was to start, NULL for nothing; to be deleted. */
static cJSON *service_of(const struct charm *charm)
{
	char *path = service_path(charm, "json"), text[16384];
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;

	if (file)
		(void)fclose(file);
	free(path);
	return length ? cJSON_ParseWithLength(text, length) : NULL;
}

/* PATH with nothing but juju-exec, and our clock; otherwise what systemd was told. */
static void become_service(const struct charm *charm, const cJSON *service)
{
	char *bin = alloc_textf("%s/bin", charm->dir), *link = alloc_textf("%s/juju-exec", bin);
	char *argv[8] = { NULL }, *env[32] = { NULL };
	const cJSON *item;
	int count = 0;

	(void)mkdir(bin, 0700);
	if (symlink(environment("SANDBOX_JUJU"), link) < 0 && errno != EEXIST)
		_exit(126);
	cJSON_ArrayForEach(item, cJSON_GetObjectItem(service, "argv")) argv[count++] =
		item->valuestring;
	count = 0;
	cJSON_ArrayForEach(item, cJSON_GetObjectItem(service, "env")) env[count++] =
		item->valuestring;
	env[count++] = alloc_textf("PATH=%s", bin);
	env[count++] = alloc_textf("LD_PRELOAD=%s", environment("SANDBOX_CLOCK_SO"));
	env[count++] = alloc_textf("SANDBOX_CLOCK=%s", charm->clock_path);
	env[count++] = alloc_text("SANDBOX_CLOCK_STOPS=1");
	env[count++] = alloc_textf("SANDBOX_JUJU_MODEL=%s", charm->juju.dir);
	if (getenv("ASAN_OPTIONS"))
		env[count++] = alloc_textf("ASAN_OPTIONS=%s", getenv("ASAN_OPTIONS"));
	(void)execve(argv[0], argv, env);
	_exit(127);
}

static pid_t start_service(const struct charm *charm, const cJSON *service)
{
	char *path = service_path(charm, "pid"), *log = alloc_textf("%s/waker.log", charm->dir);
	FILE *file;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

		(void)dup2(fd, STDOUT_FILENO);
		(void)dup2(fd, STDERR_FILENO);
		become_service(charm, service);
	}
	file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	(void)fprintf(file, "%d\n", (int)pid);
	(void)fclose(file);
	free(path);
	free(log);
	return pid;
}

/* With --collect nothing is left of a service that has ended, well or not. */
static void collect_service(struct charm *charm)
{
	char *pid = service_path(charm, "pid"), *json = service_path(charm, "json");

	charm->waker = 0;
	if (access(pid, F_OK) == 0) /* no other one was started in its place */
		(void)unlink(json);
	(void)unlink(pid);
	free(pid);
	free(json);
}

bool charm_wakes(struct charm *charm)
{
	cJSON *service;
	bool ret;

	if (charm->waker && waitpid(charm->waker, NULL, WNOHANG) == charm->waker)
		collect_service(charm);
	service = service_of(charm);
	ret = service != NULL;
	cJSON_Delete(service);
	return ret;
}

bool charm_wake(struct charm *charm, long long seconds)
{
	cJSON *service;
	int status = 0;

	sandbox_clock_stop_at(
		charm->clock, sandbox_clock_boot(charm->clock) + seconds * SANDBOX_CLOCK_SECOND);
	if (!charm_wakes(charm))
		return false;
	service = service_of(charm);
	if (charm->waker)
		ck_assert_int_eq(kill(charm->waker, SIGCONT), 0);
	else
		charm->waker = start_service(charm, service);
	cJSON_Delete(service);
	ck_assert_int_eq(waitpid(charm->waker, &status, WUNTRACED), charm->waker);
	if (WIFSTOPPED(status))
		return true;
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the waker ended: %d", status);
	collect_service(charm);
	return false;
}

int charm_woken(struct charm *charm)
{
	cJSON *shown = juju_show(&charm->juju, UNIT);
	const cJSON *run;
	int count = 0;

	cJSON_ArrayForEach(run, cJSON_GetObjectItem(shown, "runs"))
	{
		const cJSON *name = cJSON_GetObjectItem(run, "name");

		count += cJSON_IsString(name) && strcmp(name->valuestring, "juju-exec") == 0;
	}
	cJSON_Delete(shown);
	return count;
}

void charm_pass(struct charm *charm, long long seconds)
{
	sandbox_clock_advance(charm->clock, seconds * SANDBOX_CLOCK_SECOND);
}

void charm_ctl(struct charm *charm, const char *format, ...)
{
	char command[4096];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(command, sizeof command, format, args);
	va_end(args);
	cJSON_Delete(snapd_proc_ctl(&charm->snapd, "%s", command));
}

long charm_number(struct charm *charm, const char *command, const char *key)
{
	cJSON *answer = snapd_proc_ctl(&charm->snapd, "%s", command);
	const cJSON *number = cJSON_GetObjectItem(answer, key);
	long ret;

	ck_assert_msg(number != NULL, "%s says nothing of %s", command, key);
	ret = cJSON_IsString(number) ? strtol(number->valuestring, NULL, 10)
				     : (long)number->valuedouble;
	cJSON_Delete(answer);
	return ret;
}

long charm_posts(struct charm *charm)
{
	return charm_number(charm, "{\"do\":\"requests\"}", "posts");
}

long charm_requests(struct charm *charm)
{
	return charm_posts(charm) + charm_number(charm, "{\"do\":\"requests\"}", "gets");
}

long charm_changes(struct charm *charm)
{
	return charm_number(charm, "{\"do\":\"state\"}", "changes-made");
}

long charm_changes_done(struct charm *charm)
{
	return charm_number(charm, "{\"do\":\"state\"}", "changes-done");
}

void charm_forget(struct charm *charm)
{
	charm_ctl(charm, "{\"do\":\"forget\"}");
	ck_assert_int_eq(juju_call(&charm->juju, "forget"), 0);
}

bool charm_snap_present(struct charm *charm)
{
	cJSON *answer = snapd_proc_ctl(&charm->snapd, "%s", "{\"do\":\"state\"}");
	char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(answer, "snaps"));
	bool present = text && strstr(text, "\"microsample\"") != NULL;

	free(text);
	cJSON_Delete(answer);
	return present;
}

char *charm_state(struct charm *charm, const char *arguments, int *ret_code)
{
	char *script = alloc_textf("./state %s; echo \"exit $?\"", arguments);
	struct juju_answer answer =
		juju_ask(&charm->juju, "exec", "--unit", UNIT, "--", "bash", "-c", script);
	char *tail = strstr(answer.out, "exit ");
	char *ret;

	for (char *next = tail; next; next = strstr(next + 1, "\nexit "))
		tail = *next == '\n' ? next + 1 : next;
	ck_assert_msg(tail != NULL, "state printed: %s %s", answer.out, answer.err);
	*ret_code = atoi(tail + 5);
	ret = alloc_text(answer.out);
	juju_answer_done(&answer);
	free(script);
	return ret;
}

char *charm_sql(struct charm *charm, const char *query)
{
	cJSON *shown = juju_show(&charm->juju, UNIT);
	char *path = alloc_textf("%s/state.db", juju_show_text(shown, "charm-dir"));
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;
	char *ret = NULL;

	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	ck_assert_msg(sqlite3_prepare_v2(db, query, -1, &statement, NULL) == SQLITE_OK, "%s: %s",
		query, sqlite3_errmsg(db));
	if (sqlite3_step(statement) == SQLITE_ROW)
		ret = alloc_text((const char *)sqlite3_column_text(statement, 0));
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	free(path);
	cJSON_Delete(shown);
	return ret ? ret : alloc_text("");
}

int charm_rows(struct charm *charm, const char *text)
{
	char *query = alloc_textf("select count(*) from journal where detail like '%%%s%%'", text);
	char *value = charm_sql(charm, query);
	int ret = atoi(value);

	free(value);
	free(query);
	return ret;
}

void charm_expect_sql(struct charm *charm, const char *query, const char *expected)
{
	char *value = charm_sql(charm, query);

	ck_assert_msg(strcmp(value, expected) == 0, "%s: %s, not %s", query, value, expected);
	free(value);
}

bool charm_logged(struct charm *charm, const char *level, const char *text)
{
	cJSON *shown = juju_show(&charm->juju, UNIT);
	bool found = juju_show_logged(shown, level, text);

	cJSON_Delete(shown);
	return found;
}

void charm_show_snap(struct charm *charm, const cJSON *answer, int skip, int times)
{
	cJSON *fault = cJSON_CreateObject();
	char *body = cJSON_PrintUnformatted(answer), *command;

	cJSON_AddStringToObject(fault, "do", "fault");
	cJSON_AddStringToObject(fault, "method", "GET");
	cJSON_AddStringToObject(fault, "path", "/v2/snaps/microsample");
	cJSON_AddStringToObject(fault, "mode", "raw");
	cJSON_AddStringToObject(fault, "type", "application/json");
	cJSON_AddStringToObject(fault, "body", body);
	cJSON_AddNumberToObject(fault, "skip", skip);
	cJSON_AddNumberToObject(fault, "times", times);
	command = cJSON_PrintUnformatted(fault);
	cJSON_Delete(snapd_proc_ctl(&charm->snapd, "%s", command));
	free(command);
	free(body);
	cJSON_Delete(fault);
}
