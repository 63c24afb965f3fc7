/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor of the bench: the smallest program that does the visible work of the charm's hooks when
 * all goes well. It uses the same libraries, calls the same hook tools, sends the same requests to
 * snapd and makes as many durable commits of the same record and journal. It has no structure, no
 * memory of failures, no second tries, no lock, no limits and no checks of the files; any error
 * ends it. It exists to be measured and must never be used.
 */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fsm/columns.h"

/* clang-format off */
#define INDEX(name, how, member, part, key)    C_##name,
#define NAME(name, how, member, part, key)     #name
#define AND_NAME(name, how, member, part, key) ", " #name
#define SET(name, how, member, part, key)      #name " = ?"
#define AND_SET(name, how, member, part, key)  ", " #name " = ?"
enum { FSM_COLUMNS(INDEX, INDEX) COUNT };

static const char make[] =
	"PRAGMA journal_mode = WAL; BEGIN;"
	"CREATE TABLE record (" FSM_COLUMNS(NAME, AND_NAME) ");"
	"INSERT INTO record DEFAULT VALUES;"
	"CREATE TABLE journal (sequence INTEGER PRIMARY KEY, time, hook, event, before, after, effect,"
	" channel, change, detail); COMMIT";
static const char load[] = "SELECT take(" FSM_COLUMNS(NAME, AND_NAME) ") FROM record";
static const char save[] = "UPDATE record SET " FSM_COLUMNS(SET, AND_SET);
static const char add[] = "INSERT INTO journal VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char trim[] =
	"DELETE FROM journal WHERE sequence <= (SELECT max(sequence) FROM journal) - 1000";
/* clang-format on */

static char record[COUNT][256];
static char wanted[256];
static const char *hook;
static sqlite3 *db;
static CURL *curl;
static char body[1 << 16];
static size_t got;
static char lines[1024]; /* for juju-log */

static void must(int good)
{
	if (!good)
		exit(1);
}

static void put(int column, const char *value)
{
	(void)snprintf(record[column], sizeof record[column], "%s", value);
}

static void now(char ret[static 32])
{
	time_t seconds = time(NULL);
	struct tm utc;

	(void)strftime(ret, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
}

static void take(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)context;
	for (int i = 0; i < count; i++) {
		const char *text = (const char *)sqlite3_value_text(values[i]);

		put(i, text ? text : "");
	}
}

static void open_record(void)
{
	sqlite3_stmt *statement;

	must(sqlite3_open("state.db", &db) == SQLITE_OK);
	must(sqlite3_create_function(db, "take", COUNT, SQLITE_UTF8, NULL, take, NULL, NULL) ==
		SQLITE_OK);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (sqlite3_prepare_v2(db, load, -1, &statement, NULL) != SQLITE_OK) {
		must(sqlite3_exec(db, make, NULL, NULL, NULL) == SQLITE_OK);
		must(sqlite3_prepare_v2(db, load, -1, &statement, NULL) == SQLITE_OK);
	}
	must(sqlite3_step(statement) == SQLITE_ROW);
	(void)sqlite3_finalize(statement);
}

static void run(const char *sql, const char *const *texts, int count)
{
	sqlite3_stmt *statement;

	must(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
	for (int i = 0; i < count; i++)
		(void)sqlite3_bind_text(statement, i + 1, texts[i], -1, SQLITE_STATIC);
	must(sqlite3_step(statement) == SQLITE_DONE);
	must(sqlite3_finalize(statement) == SQLITE_OK);
}

/* The record, and a row of the journal when there is an event. */
static void commit(const char *event, const char *before, const char *effect, const char *detail)
{
	const char *texts[COUNT];
	char time[32];

	for (int i = 0; i < COUNT; i++)
		texts[i] = record[i];
	run("BEGIN IMMEDIATE", NULL, 0);
	run(save, texts, COUNT);
	if (event) {
		const char *row[] = { time, hook, event, before, record[C_state], effect,
			record[C_channel], record[C_intent_change], detail };

		now(time);
		run(add, row, 9);
		run(trim, NULL, 0);
	}
	run("COMMIT", NULL, 0);
}

/* Runs a hook tool; its output goes to BODY when WANTED. */
static void tool(const char *const *argv, int output)
{
	extern char **environ;
	posix_spawn_file_actions_t actions;
	int ends[2] = { -1, -1 };
	int status;
	pid_t pid;

	(void)posix_spawn_file_actions_init(&actions);
	if (output) {
		must(pipe(ends) == 0);
		(void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	}
	must(posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ) == 0);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (output) {
		ssize_t size;

		(void)close(ends[1]);
		for (got = 0; (size = read(ends[0], body + got, sizeof body - 1 - got)) > 0;)
			got += (size_t)size;
		body[got] = '\0';
		(void)close(ends[0]);
	}
	/* There is no resource, and Juju has no other word for that. */
	must(waitpid(pid, &status, 0) == pid &&
		(status == 0 || strcmp(argv[0], "resource-get") == 0));
}
#define TOOL(output, ...) tool((const char *const[]){ __VA_ARGS__, NULL }, output)

static size_t collect(char *data, size_t size, size_t count, void *context)
{
	(void)context;
	if (size * count >= sizeof body - got)
		return 0;
	memcpy(body + got, data, size * count);
	got += size * count;
	body[got] = '\0';
	return size * count;
}

static const char *text(const cJSON *object, const char *key)
{
	const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

	return value ? value : "";
}

/* The answer to a GET, or to a POST when there is something to send. */
static cJSON *ask(const char *path, const char *send)
{
	char url[256];
	cJSON *json;

	if (!curl) {
		must((curl = curl_easy_init()) != NULL);
		(void)curl_easy_setopt(
			curl, CURLOPT_UNIX_SOCKET_PATH, getenv("MICROSAMPLE_SNAPD_SOCKET"));
		(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
	}
	(void)snprintf(url, sizeof url, "http://localhost%s", path);
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	if (send)
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, send);
	else
		(void)curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	got = 0;
	must(curl_easy_perform(curl) == CURLE_OK);
	must((json = cJSON_Parse(body)) != NULL);
	return json;
}

static const cJSON *result(const cJSON *answer)
{
	return cJSON_GetObjectItemCaseSensitive(answer, "result");
}

static void read_option(void)
{
	cJSON *json;

	TOOL(1, "config-get", "--format=json");
	must((json = cJSON_Parse(body)) != NULL);
	(void)snprintf(wanted, sizeof wanted,
		strchr(text(json, "channel"), '/') ? "%s" : "latest/%s", text(json, "channel"));
	cJSON_Delete(json);
}

static void see_to_port(void)
{
	if (strcmp(hook, "start") != 0 && strcmp(record[C_port], "open") == 0)
		return;
	if (*record[C_port]) {
		TOOL(1, "opened-ports", "--format=json");
		if (strstr(body, "\"8080/tcp\"")) {
			put(C_port, "open");
			return;
		}
	}
	TOOL(0, "open-port", "8080/tcp");
	put(C_port, "asked");
}

static size_t drop(char *data, size_t size, size_t count, void *context)
{
	(void)data;
	(void)context;
	return size * count;
}

/* Whether the workload answers. */
static int answers(void)
{
	CURL *probe = curl_easy_init();
	char url[64];
	long status = 0;

	must(probe != NULL);
	(void)snprintf(
		url, sizeof url, "http://127.0.0.1:%s/", getenv("MICROSAMPLE_WORKLOAD_PORT"));
	(void)curl_easy_setopt(probe, CURLOPT_URL, url);
	(void)curl_easy_setopt(probe, CURLOPT_WRITEFUNCTION, drop);
	must(curl_easy_perform(probe) == CURLE_OK);
	(void)curl_easy_getinfo(probe, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(probe);
	return status < 400;
}

/* 1 when the snap is what it should be and nothing is in flight. */
static int look(void)
{
	cJSON *snap = ask("/v2/snaps/microsample", NULL);
	cJSON *changes = ask("/v2/changes?select=in-progress&for=microsample", NULL);
	const cJSON *app;
	int good;

	put(C_revision, text(result(snap), "revision"));
	put(C_version, text(result(snap), "version"));
	put(C_tracking, text(result(snap), "tracking-channel"));
	good = strcmp(text(result(snap), "status"), "active") == 0 &&
	       strcmp(record[C_tracking], wanted) == 0 && cJSON_GetArraySize(result(changes)) == 0;
	cJSON_ArrayForEach(app, cJSON_GetObjectItemCaseSensitive(result(snap), "apps"))
	{
		good = good &&
		       (!*text(app, "daemon") ||
			       cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(app, "active")));
	}
	cJSON_Delete(snap);
	cJSON_Delete(changes);
	return good && answers();
}

static void step(const char *state, const char *event, const char *effect)
{
	char before[64], line[512];
	size_t used = strlen(lines);

	(void)snprintf(before, sizeof before, "%s", record[C_state]);
	if (strcmp(state, before) != 0)
		now(record[C_since]);
	put(C_state, state);
	put(C_channel, wanted);
	commit(event, before, effect, record[C_version]);
	(void)snprintf(line, sizeof line, "%s%s: %s -> %s on %s, %s", used ? "\n" : "", hook,
		before, state, event, effect);
	(void)snprintf(lines + used, sizeof lines - used, "%s", line);
}

static int tell(const char *status, const char *format)
{
	char message[128];
	int told = 0;

	(void)snprintf(message, sizeof message, "%s '%s'", format, strchr(wanted, '/') + 1);
	if (strcmp(record[C_version], record[C_told_version]) != 0) {
		TOOL(0, "application-version-set", "--", record[C_version]);
		put(C_told_version, record[C_version]);
		told = 1;
	}
	if (strcmp(status, record[C_told_status]) != 0 ||
		strcmp(message, record[C_told_message]) != 0) {
		TOOL(0, "status-set", "--", status, message);
		put(C_told_status, status);
		put(C_told_message, message);
		told = 1;
	}
	return told;
}

static void refresh(void)
{
	cJSON *all = ask("/v2/changes?select=all&for=microsample", NULL);
	char send[320], path[300];
	long long last = 0;
	const cJSON *change;
	cJSON *answer;

	cJSON_ArrayForEach(change, result(all))
	{
		long long id = atoll(text(change, "id"));

		last = id > last ? id : last;
	}
	cJSON_Delete(all);
	(void)snprintf(record[C_intent_baseline], sizeof record[0], "%lld", last);
	put(C_intent_op, "refresh");
	put(C_intent_channel, wanted);
	step("installing", "astray", "refresh");
	(void)tell("maintenance", "Refreshing microsample snap to");
	(void)snprintf(send, sizeof send, "{\"action\":\"refresh\",\"channel\":\"%s\"}", wanted);
	answer = ask("/v2/snaps/microsample", send);
	put(C_intent_change, text(answer, "change"));
	cJSON_Delete(answer);
	commit("astray", record[C_state], "refresh", "accepted");
	(void)snprintf(path, sizeof path, "/v2/changes/%s", record[C_intent_change]);
	answer = ask(path, NULL);
	must(strcmp(text(result(answer), "status"), "Done") == 0);
	cJSON_Delete(answer);
	put(C_intent_op, "");
	/* What it started is seen twice, and once more at the end. */
	must(look());
	(void)usleep(2500000);
	cJSON_Delete(ask(path, NULL));
	must(look());
	must(look());
}

int main(void)
{
	char port[256];
	int settled;

	hook = getenv("JUJU_HOOK_NAME");
	open_record();
	read_option();
	if (strcmp(hook, "install") == 0 || strcmp(hook, "upgrade-charm") == 0)
		TOOL(0, "resource-get", "snaps");
	(void)snprintf(port, sizeof port, "%s", record[C_port]);
	see_to_port();
	settled = look();
	if (!settled)
		refresh();
	if (strcmp(record[C_state], "active") != 0 || strcmp(record[C_port], port) != 0)
		step("active", "settled", "nothing");
	if (tell("active", "Ready at"))
		commit(NULL, NULL, NULL, NULL);
	if (!settled) /* somebody is to look at the new revision */
		TOOL(0, "systemd-run", "--collect", "--", "dispatch", "wait");
	if (*lines)
		TOOL(0, "juju-log", "-l", "INFO", "--", lines);
	curl_easy_cleanup(curl);
	must(sqlite3_close(db) == SQLITE_OK);
	return 0;
}
