/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/world.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "tests/crash/old.h"
#include "tests/crash/told.h"
#include "tests/crash/tree.h"
#include "tests/crash/waker.h"
#include "tests/sandbox/snapd_port.h"

enum {
	ARGS_MAX = 50,
	READY_MS = 20000,
};

const char *world_program(const char *name)
{
	const char *value = getenv(name);

	if (!value || !*value)
		tree_fail("%s is not set: run this by make check-crash", name);
	return value;
}

static char *at(const struct world *world, const char *name)
{
	return alloc_textf("%s/%s", world->dir, name);
}

char *world_charm(const struct world *world)
{
	return at(world, "model/agents/unit-microsample-0/charm");
}

/* Processes that a killed hook left behind must not disturb the next schedule. */
static void wait_for_orphans(void)
{
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

/* --- snapd --- */

static void snapd_stop(struct world *world)
{
	if (world->snapd) {
		(void)kill(world->snapd, SIGKILL);
		(void)waitpid(world->snapd, NULL, 0);
	}
	world->snapd = 0;
}

static void snapd_start(struct world *world)
{
	CLEANUP(cleanup_free) char *socket = at(world, "s");
	CLEANUP(cleanup_free) char *clock = at(world, "clock");
	CLEANUP(cleanup_free) char *state = at(world, "snapd.json");
	CLEANUP(cleanup_free) char *data = at(world, "data");
	struct pollfd ready = { .events = POLLIN };
	int ends[2];
	char line[8];

	if (pipe2(ends, O_CLOEXEC) < 0)
		tree_fail("pipe");
	world->snapd = fork();
	if (world->snapd < 0)
		tree_fail("fork");
	if (world->snapd == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)execl(world_program("SANDBOX_SNAPD"), "sandbox-snapd", "serve", "--socket",
			socket, "--clock", clock, "--state", state, "--data", data, "--like",
			world->like, (char *)NULL);
		tree_fail("%s", world_program("SANDBOX_SNAPD"));
	}
	(void)close(ends[1]);
	ready.fd = ends[0];
	if (poll(&ready, 1, READY_MS) != 1 || read(ends[0], line, sizeof line) < 5)
		tree_fail("sandbox-snapd does not start");
	(void)close(ends[0]);
}

static void snapd_do(const struct world *world, const char *command)
{
	CLEANUP(cleanup_free) char *socket = at(world, "s.ctl");
	cJSON *answer = ctl_ask(socket, command);

	if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "ok"))) {
		errno = 0;
		tree_fail("snapd will not do %s", command);
	}
	cJSON_Delete(answer);
}

/* --- commands of Juju --- */

void world_redirect(const struct world *world)
{
	CLEANUP(cleanup_free) char *path = at(world, "juju.log");
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int log = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	(void)dup2(null, STDIN_FILENO);
	if (!world->loud) {
		(void)dup2(log, STDOUT_FILENO);
		(void)dup2(log, STDERR_FILENO);
	}
}

static int juju(struct world *world, char **args)
{
	int status = 0;
	pid_t pid;

	if (world->loud)
		(void)printf("- juju %s %s %s\n", args[3], args[4] ? args[4] : "",
			args[4] && args[5] ? args[5] : "");
	(void)fflush(NULL);
	pid = fork();
	if (pid < 0)
		tree_fail("fork");
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		world_redirect(world);
		(void)execv(world_program("SANDBOX_JUJU"), args);
		tree_fail("%s", world_program("SANDBOX_JUJU"));
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			tree_fail("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Adds to ARGS what deploy needs to know about the world; ARGS has room. */
static size_t add_hook_env(const struct world *world, char **args, size_t count)
{
	char *values[] = {
		alloc_textf("MICROSAMPLE_SNAPD_SOCKET=%s/s", world->dir),
		snapd_port_setting(world->dir),
		alloc_textf("MICROSAMPLE_SNAP_DATA=%s/data", world->dir),
		alloc_textf("MICROSAMPLE_REGISTER=%s/register", world->dir),
		alloc_textf("LD_PRELOAD=%s", world_program("SANDBOX_CLOCK_SO")),
		alloc_textf("SANDBOX_CLOCK=%s/clock", world->dir),
		alloc_textf("CUT_PLAN=%s/plan", world->dir),
		alloc_textf("CUT_TOOLS=%s/bin", world->dir),
		alloc_textf("WITNESS=%s/witness", world->dir),
	};

	args[count++] = alloc_text("--clock");
	args[count++] = at(world, "clock");
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		args[count++] = alloc_text("--hook-env");
		args[count++] = values[i];
	}
	return count;
}

static int run_juju(struct world *world, const char *words)
{
	CLEANUP(cleanup_free) char *line = alloc_text(words);
	char *args[ARGS_MAX] = { alloc_text("sandbox-juju"), alloc_text("--model"),
		at(world, "model") };
	char *save = NULL;
	size_t count = 3;
	int code;

	for (char *word = strtok_r(line, " ", &save); word && count < ARGS_MAX - 22;
		word = strtok_r(NULL, " ", &save))
		args[count++] = strncmp(word, WORLD_FILE, strlen(WORLD_FILE)) == 0
					? alloc_textf(WORLD_FILE "%s/%s", world->dir,
						  word + strlen(WORLD_FILE))
					: alloc_text(word);
	if (strncmp(words, "deploy", 6) == 0) {
		args[count++] = at(world, "tree");
		args[count++] = alloc_text("microsample");
		count = add_hook_env(world, args, count);
	} else if (strcmp(words, "refresh") == 0) {
		args[count++] = alloc_text("microsample");
		args[count++] = alloc_text("--path");
		args[count++] = at(world, "tree");
	}
	code = juju(world, args);
	for (size_t i = 0; i < count; i++)
		free(args[i]);
	return code;
}

static void pack(const char *const *words)
{
	const char *argv[5] = { "sandbox-snapd" };
	int status = 0;
	pid_t pid;

	for (size_t i = 0; words[i]; i++)
		argv[i + 1] = words[i];
	(void)fflush(NULL);
	pid = fork();
	if (pid < 0)
		tree_fail("fork");
	if (pid == 0) {
		(void)execv(world_program("SANDBOX_SNAPD"), (char **)argv);
		tree_fail("%s", world_program("SANDBOX_SNAPD"));
	}
	if (waitpid(pid, &status, 0) < 0 || status != 0)
		tree_fail("sandbox-snapd %s", words[0]);
}

/* It stays for all schedules. */
static void make_tar(const struct world *world, const char *revision)
{
	CLEANUP(cleanup_free) char *tar = alloc_textf("%s/%s.tar", world->dir, revision);
	CLEANUP(cleanup_free) char *files = alloc_textf("%s/%s.files", world->dir, revision);
	CLEANUP(cleanup_free) char *snap = alloc_textf("{\"revision\":\"%s\"}", revision);

	tree_make(files);
	pack((const char *[]){ "pack", files, snap, NULL });
	pack((const char *[]){ "pack", files, "{\"name\":\"bare\",\"revision\":\"5\"}", NULL });
	pack((const char *[]){ "tar", tar, files, NULL });
}

static void lose_database(const struct world *world)
{
	static const char *const names[] = { "state.db", "state.db-wal", "state.db-shm" };
	CLEANUP(cleanup_free) char *charm = world_charm(world);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", charm, names[i]);

		tree_remove(path);
	}
}

int world_run(struct world *world, const char *line)
{
	const char *rest = strchr(line, ' ');

	rest = rest ? rest + 1 : "";
	if (strncmp(line, "juju ", 5) == 0)
		return run_juju(world, rest);
	if (strncmp(line, "snapd ", 6) == 0) {
		snapd_do(world, rest);
	} else if (strncmp(line, "pass ", 5) == 0) {
		sandbox_clock_advance(world->clock, text_number(rest) * SANDBOX_CLOCK_SECOND);
	} else if (strncmp(line, "schema ", 7) == 0 || strncmp(line, "build ", 6) == 0) {
		CLEANUP(cleanup_free) char *charm = world_charm(world);

		if (*line == 's')
			old_schema(charm);
		else
			old_build(charm, rest);
	} else if (strncmp(line, "tar ", 4) == 0) {
		make_tar(world, rest);
	} else if (strcmp(line, "lose") == 0) {
		lose_database(world);
	} else if (strncmp(line, "wake", 4) == 0) {
		return waker_run(world, *rest != '\0');
	} else if (strncmp(line, "clock ", 6) == 0) {
		sandbox_clock_set(world->clock,
			sandbox_clock_now(world->clock) + atoll(rest) * SANDBOX_CLOCK_SECOND);
	} else if (strcmp(line, "reboot") == 0) {
		CLEANUP(cleanup_free) char *service = waker_service(world);

		(void)unlink(service);
		snapd_stop(world);
		sandbox_clock_advance(world->clock, 60 * SANDBOX_CLOCK_SECOND);
		snapd_start(world);
		return run_juju(world, "reboot " WORLD_UNIT);
	} else {
		errno = 0;
		tree_fail("what is \"%s\"?", line);
	}
	return 0;
}

/* --- its whole life --- */

/* The charm tree of the build, with cut.c before its program. */
static void make_tree(const struct world *world)
{
	CLEANUP(cleanup_free) char *tree = at(world, "tree");
	CLEANUP(cleanup_free) char *first = at(world, "tree/dispatch");
	CLEANUP(cleanup_free) char *real = at(world, "tree/dispatch.real");
	CLEANUP(cleanup_free) char *bin = at(world, "bin");
	CLEANUP(cleanup_free) char *tool = at(world, "bin/status-set");

	tree_copy(world_program("CHARM_TREE"), tree);
	if (rename(first, real) < 0)
		tree_fail("%s", first);
	tree_copy(world_program("CRASH_CUT"), first);
	tree_make(bin);
	tree_copy(world_program("CRASH_WITNESS"), tool);
}

void world_open(struct world *world, const char *dir, const char *like)
{
	CLEANUP(cleanup_free) char *clock = NULL;

	*world = (struct world){ .like = like };
	if (snprintf(world->dir, sizeof world->dir, "%s", dir) >= (int)sizeof world->dir)
		tree_fail("%s is too long", dir);
	/* The children of a killed agent become ours, so that we can wait for their end. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1UL);
	tree_make(dir);
	clock = at(world, "clock");
	world->clock = sandbox_clock_open(clock, NULL);
	if (!world->clock)
		tree_fail("%s", clock);
	make_tree(world);
}

void world_close(struct world *world, bool keep)
{
	snapd_stop(world);
	wait_for_orphans();
	sandbox_clock_close(world->clock);
	if (!keep)
		tree_remove(world->dir);
}

static void forget(const struct world *world)
{
	static const char *const names[] = { "plan", "plan.log", "witness", "juju.log" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CLEANUP(cleanup_free) char *path = at(world, names[i]);

		(void)unlink(path);
	}
	world_plan(world, "none");
}

void world_fresh(struct world *world)
{
	static const char zeroes[16];
	CLEANUP(cleanup_free) char *model = at(world, "model");
	CLEANUP(cleanup_free) char *data = at(world, "data");
	CLEANUP(cleanup_free) char *shared = at(world, "register");
	CLEANUP(cleanup_free) char *state = at(world, "snapd.json");
	CLEANUP(cleanup_free) char *clock = at(world, "clock");

	snapd_stop(world);
	wait_for_orphans();
	tree_remove(model);
	tree_remove(data);
	tree_remove(shared);
	(void)unlink(state);
	tree_write(clock, zeroes, sizeof zeroes);
	forget(world);
	snapd_start(world);
}

/* What makes up the state of the world. */
static const char *const parts[] = { "model", "snapd.json", "clock", "data", "register" };

/* A marker that is not the same file proves nothing; it is never changed in place. */
static void copy_part(const char *part, const char *from, const char *to)
{
	if (strcmp(part, "data") == 0)
		tree_link(from, to);
	else
		tree_copy(from, to);
}

void world_keep(struct world *world)
{
	CLEANUP(cleanup_free) char *kept = at(world, "kept");

	/*
	 * The stand-in writes its state whenever it answers, so a question brings the file up to
	 * date.
	 */
	snapd_do(world, "{\"do\":\"state\"}");
	tree_remove(kept);
	tree_make(kept);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		CLEANUP(cleanup_free) char *from = at(world, parts[i]);
		CLEANUP(cleanup_free) char *to = alloc_textf("%s/%s", kept, parts[i]);

		if (access(from, F_OK) == 0)
			copy_part(parts[i], from, to);
	}
}

void world_back(struct world *world)
{
	snapd_stop(world);
	wait_for_orphans();
	forget(world);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		CLEANUP(cleanup_free) char *to = at(world, parts[i]);
		CLEANUP(cleanup_free) char *from = alloc_textf("%s/kept/%s", world->dir, parts[i]);

		if (strcmp(parts[i], "clock") == 0) {
			tree_copy_over(from, to); /* it stays mapped */
			continue;
		}
		tree_remove(to);
		if (access(from, F_OK) == 0)
			copy_part(parts[i], from, to);
	}
	snapd_start(world);
}
