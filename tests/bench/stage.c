/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/stage.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/snapd_port.h"

#define UNIT  "microsample/0"
#define ENTRY "unit-microsample-0" /* its agent, and its entry in the register */

enum {
	READY_MS = 20000,
	ENVIRONMENT_MAX = 128,
	OWN = 6, /* how many entries stage_command() sets at the start of the environment */
};

#define ANSWER_MAX ((size_t)256 << 20)

__attribute__((noreturn, format(printf, 1, 2))) static void give_up(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fputs("stage: ", stderr);
	(void)vfprintf(stderr, format, args);
	(void)fputc('\n', stderr);
	va_end(args);
	exit(EXIT_FAILURE);
}

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	if (!value || !*value)
		give_up("%s is not set: this is run by make", name);
	return value;
}

/* --- snapd --- */

static void start_snapd(struct stage *stage)
{
	CLEANUP(cleanup_free) char *data = alloc_textf("%s/data", stage->dir);
	const char *program = setting("SANDBOX_SNAPD");
	struct pollfd ready = { .events = POLLIN };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		give_up("no pipe");
	stage->snapd = fork();
	if (stage->snapd == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)execl(program, program, "serve", "--socket", stage->socket, "--task-ms", "0",
			"--data", data, (char *)NULL);
		_exit(127);
	}
	(void)close(ends[1]);
	ready.fd = ends[0];
	if (stage->snapd < 0 || poll(&ready, 1, READY_MS) != 1 || !(ready.revents & POLLIN))
		give_up("%s does not start", program);
	(void)close(ends[0]);
}

static size_t collect(char *data, size_t size, size_t count, void *buf)
{
	return buf_add(buf, data, size * count) < 0 ? 0 : size * count;
}

cJSON *stage_snapd(struct stage *stage, const char *format, ...)
{
	CLEANUP(buf_done) struct buf answer = { .limit = ANSWER_MAX };
	char path[sizeof stage->socket + 4], command[1024];
	CURL *curl = curl_easy_init();
	long status = 0;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(command, sizeof command, format, args);
	va_end(args);
	for (char *at = command; *at; at++)
		if (*at == '\'')
			*at = '"';
	(void)snprintf(path, sizeof path, "%s.ctl", stage->socket);
	(void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path);
	(void)curl_easy_setopt(curl, CURLOPT_URL, "http://localhost/");
	(void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, command);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
	if (curl_easy_perform(curl) != CURLE_OK)
		give_up("the stand-in snapd is gone");
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	if (status != 200)
		give_up("snapd will not do %s: %s", command, buf_text(&answer));
	return cJSON_Parse(buf_text(&answer));
}

#define SNAPD_DO(...) cJSON_Delete(stage_snapd(__VA_ARGS__))

/* --- the unit and its database --- */

static void sql(const char *directory, const char *statements)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/state.db", directory);
	sqlite3 *db = NULL;
	char *message = NULL;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		give_up("%s: %s", path, sqlite3_errmsg(db));
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (sqlite3_exec(db, statements, NULL, NULL, &message) != SQLITE_OK)
		give_up("%s: %s", statements, message);
	(void)sqlite3_close(db);
}

/* Copies and syncs, so that writing the copy is not measured with what comes after. */
static void copy(const char *from, const char *to, const char *name)
{
	CLEANUP(cleanup_free) char *source = alloc_textf("%s/%s", from, name);
	CLEANUP(cleanup_free) char *target = alloc_textf("%s/%s", to, name);
	struct error err;

	if (juju_copy_file(source, target, 0600, &err) < 0)
		give_up("%s", err.text);
	CLEANUP(cleanup_close) int fd = open(target, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		give_up("%s cannot be written", target);
}

static void drop(const char *directory, const char *name)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", directory, name);

	(void)unlink(path);
}

static void put_database(const struct player *player, bool fresh)
{
	static const char *const files[] = { "state.db", "state.db-wal", "state.db-shm" };

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		drop(player->directory, files[i]);
	if (fresh)
		return;
	copy(player->rest, player->directory, "state.db");
	copy(player->rest, player->directory, "state.db-wal");
}

/* Makes the present database, and entry, those that a reset puts back. */
static void keep(const struct player *player)
{
	copy(player->directory, player->rest, "state.db");
	copy(player->directory, player->rest, "state.db-wal");
	if (player->machine)
		copy(player->machine, player->rest, ENTRY);
}

/* --- the stage --- */

static void make_tools(const char *directory)
{
	static const char *const names[] = { "config-get", "opened-ports", "open-port",
		"status-set", "application-version-set", "juju-log", "systemd-run",
		"resource-get" };
	CLEANUP(cleanup_free)
	char *program = alloc_textf("%s/tests/bench/tool", setting("top_builddir"));

	if (mkdir(directory, 0755) < 0 || access(program, X_OK) < 0)
		give_up("%s: not there", program);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", directory, names[i]);

		if (symlink(program, path) < 0)
			give_up("%s: cannot be made", path);
	}
}

/* Set by stage_command(), or by the shell that `juju exec` starts. */
static bool is_left_out(const char *entry)
{
	static const char *const names[] = { "PATH=", "CHARM_DIR=", "JUJU_CHARM_DIR=",
		"JUJU_HOOK_NAME=", "JUJU_DISPATCH_PATH=", "JUJU_ACTION_",
		"PWD=", "OLDPWD=", "SHLVL=", "_=" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strncmp(entry, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* What Juju puts into the environment of a hook. */
static void read_environment(struct stage *stage)
{
	struct juju_answer answer = juju_ask(&stage->juju, "exec", "--unit", UNIT, "--", "env");
	size_t count = OWN;
	char *rest = answer.out;

	stage->environment = alloc_new(ENVIRONMENT_MAX, sizeof *stage->environment);
	for (char *line = strtok_r(rest, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (strchr(line, '=') && !is_left_out(line) && count < ENVIRONMENT_MAX - 1)
			stage->environment[count++] = alloc_text(line);
	if (answer.code != 0 || count == OWN)
		give_up("juju exec: %s", answer.err);
	juju_answer_done(&answer);
}

/* A program with sanitizers cannot look for leaks while it is traced; others ignore this. */
static void deploy(struct stage *stage)
{
	CLEANUP(cleanup_free)
	char *snapd = alloc_textf("MICROSAMPLE_SNAPD_SOCKET=%s", stage->socket);
	CLEANUP(cleanup_free) char *port = snapd_port_setting(stage->dir);
	CLEANUP(cleanup_free) char *data = alloc_textf("MICROSAMPLE_SNAP_DATA=%s/data", stage->dir);
	CLEANUP(cleanup_free)
	char *machine = alloc_textf("MICROSAMPLE_REGISTER=%s/register", stage->dir);

	juju_proc_init(&stage->juju);
	if (juju_call(&stage->juju, "deploy", setting("CHARM_TREE"), "microsample", "--config",
		    "channel=" STAGE_OLD, "--hook-env", snapd, "--hook-env", port, "--hook-env",
		    data, "--hook-env", machine, "--hook-env", "ASAN_OPTIONS=detect_leaks=0") != 0)
		give_up("the charm cannot be deployed");
}

static struct player player(struct stage *stage, const char *name, const char *program)
{
	struct player ret = {
		.name = name,
		.program = alloc_text(program),
		.directory = alloc_textf("%s/agents/%s/charm", stage->juju.dir, name),
		.rest = alloc_textf("%s/%s", stage->dir, name),
	};
	struct error err;

	if (juju_make_dirs(ret.directory, &err) < 0 || juju_make_dirs(ret.rest, &err) < 0)
		give_up("%s", err.text);
	return ret;
}

/* Runs a player until nothing is left to be done, and its log is empty. */
static void bring_to_rest(struct stage *stage, const struct player *player)
{
	static const struct event events[] = {
		{ "install", "install", STAGE_OLD, true },
		{ "update-status", "update-status", STAGE_OLD, false },
	};
	struct counts counts;

	put_database(player, true);
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		struct command command = stage_command(stage, player, &events[i]);

		trace_run(&command, &counts.trace);
		if (counts.trace.exit != 0)
			give_up("%s: %s exits with %d", player->name, events[i].hook,
				counts.trace.exit);
	}
	/* Minutes have passed since what came to rest came there; the floor knows no probation. */
	if (player == &stage->charm)
		sql(player->directory, "UPDATE record SET probation_revision = ''");
	sql(player->directory, "PRAGMA wal_checkpoint(TRUNCATE)");
	keep(player);
}

void stage_hold(struct stage *stage)
{
	stage->options = ",\"auto-refresh\":false";
	bring_to_rest(stage, &stage->charm);
}

void stage_open(struct stage *stage, const char *floor)
{
	const char *folder = getenv("TMPDIR");

	*stage = (struct stage){ .options = "" };
	(void)snprintf(stage->dir, sizeof stage->dir, "%s/bench-XXXXXX",
		folder && strlen(folder) < 40 ? folder : "/tmp");
	if (!mkdtemp(stage->dir))
		give_up("%s cannot be made", stage->dir);
	(void)snprintf(stage->socket, sizeof stage->socket, "%s/snapd", stage->dir);
	start_snapd(stage);
	deploy(stage);
	read_environment(stage);
	CLEANUP(cleanup_free) char *tools = alloc_textf("%s/tools", stage->dir);
	make_tools(tools);
	stage->charm = player(stage, ENTRY, "./dispatch");
	stage->charm.machine = alloc_textf("%s/register", stage->dir);
	bring_to_rest(stage, &stage->charm);
	if (!floor)
		return;
	stage->floor = player(stage, "floor", floor);
	bring_to_rest(stage, &stage->floor);
}

static void player_done(struct player *player)
{
	free(player->program);
	free(player->directory);
	free(player->machine);
	free(player->rest);
}

void stage_close(struct stage *stage)
{
	(void)kill(stage->snapd, SIGTERM);
	(void)waitpid(stage->snapd, NULL, 0);
	for (int i = 0; i < ENVIRONMENT_MAX; i++)
		free(stage->environment[i]);
	free(stage->environment);
	player_done(&stage->charm);
	player_done(&stage->floor);
	juju_proc_done(&stage->juju);
	(void)juju_remove_tree(stage->dir, NULL);
}

struct command stage_command(
	struct stage *stage, const struct player *player, const struct event *event)
{
	static char *argv[] = { NULL, NULL };
	char **at = stage->environment;

	for (int i = 0; i < OWN; i++)
		free(at[i]);
	*at++ = alloc_textf("PATH=%s/tools:/usr/sbin:/usr/bin:/sbin:/bin", stage->dir);
	*at++ = alloc_textf("CHARM_DIR=%s", player->directory);
	*at++ = alloc_textf("JUJU_CHARM_DIR=%s", player->directory);
	*at++ = alloc_textf("JUJU_HOOK_NAME=%s", event->hook);
	*at++ = alloc_textf("JUJU_DISPATCH_PATH=hooks/%s", event->hook);
	*at++ = alloc_textf(
		"BENCH_OPTIONS={\"channel\":\"%s\"%s}\n", event->option, stage->options);
	argv[0] = player->program;
	return (struct command){ player->program, argv, stage->environment, player->directory };
}

static void put_back(const struct player *player, bool fresh)
{
	put_database(player, fresh);
	if (!player->machine)
		return;
	drop(player->machine, ENTRY);
	if (!fresh)
		copy(player->rest, player->machine, ENTRY);
}

void stage_reset(struct stage *stage, const struct player *player, const struct event *event)
{
	put_back(player, event->fresh);
	SNAPD_DO(stage, "{'do':'snap','name':'microsample','set':"
			"{'revision':'3','version':'3.0-dev','channel':'latest/" STAGE_OLD "',"
			"'tracking':'latest/" STAGE_OLD "'}}");
	if (!stage->loaded)
		SNAPD_DO(stage, "{'do':'prune'}");
	SNAPD_DO(stage, "{'do':'forget'}");
}

void stage_count(struct stage *stage, const struct player *player, const struct event *event,
	struct counts *ret)
{
	struct command command = stage_command(stage, player, event);
	cJSON *requests;

	stage_reset(stage, player, event);
	trace_run(&command, &ret->trace);
	if (ret->trace.exit != 0)
		give_up("%s: %s exits with %d", player->name, event->name, ret->trace.exit);
	requests = stage_snapd(stage, "{'do':'requests'}");
	ret->gets = cJSON_GetObjectItem(requests, "gets")->valueint;
	ret->posts = cJSON_GetObjectItem(requests, "posts")->valueint;
	ret->probes = cJSON_GetArraySize(cJSON_GetObjectItem(requests, "probes"));
	cJSON_Delete(requests);
}

/* --- other changes, journal rows and log pages --- */

static void load_snapd(struct stage *stage, const struct load *load)
{
	SNAPD_DO(stage, "{'do':'purge'}");
	SNAPD_DO(stage,
		"{'do':'snap','name':'other','set':{'revision':'7','tracking':'latest/edge'}}");
	for (int i = 0; i < load->changes; i++)
		SNAPD_DO(stage,
			"{'do':'foreign','kind':'auto-refresh','snap':'%s','channel':'latest/edge',"
			"'revision':'3'}",
			load->snap);
	SNAPD_DO(stage, "{'do':'finish'}");
	stage->loaded = load->changes > 0;
}

static void load_journal(const char *directory, int rows)
{
	CLEANUP(cleanup_free)
	char *statements = alloc_textf(
		"DELETE FROM journal;"
		"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
		"INSERT INTO journal SELECT i, '2026-11-23T03:25:00Z', 'config-changed', 'astray',"
		" 'active', 'installing', 'refresh', 'latest/edge', 7, 'revision 2 -> 3' FROM n;"
		"PRAGMA wal_checkpoint(TRUNCATE)",
		rows);

	sql(directory, statements);
}

/* Each a page, and the first of the file once more. */
static void load_log(const char *directory, int pages)
{
	for (int i = 0; i < pages; i++)
		sql(directory, "UPDATE record SET failure_attempts = failure_attempts + 1;"
			       "UPDATE record SET failure_attempts = failure_attempts - 1");
}

void stage_load(struct stage *stage, const struct load *load)
{
	load_snapd(stage, load);
	put_back(&stage->charm, false);
	load_journal(stage->charm.directory, load->rows);
	load_log(stage->charm.directory, load->pages / 2);
	keep(&stage->charm);
}
