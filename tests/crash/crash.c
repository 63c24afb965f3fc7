/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kills the charm at every boundary with the outside world, and checks that the unit ends where it
 * would have ended without the kill. It needs only what make check-programs builds, and ptrace.
 *
 *	tests/crash/crash                                    all scenarios, pairs of kills sampled
 *	tests/crash/crash --singles                          all single kills: half an hour
 *	tests/crash/crash --long                             everything there is: two hours
 *	tests/crash/crash --scenario refresh --at 213:agent  one schedule, told step by step
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "tests/crash/plan.h"
#include "tests/crash/tree.h"

enum {
	COMPLAINTS_MAX = 65536,
	SKIPPED = 77,
};

struct options {
	struct plan_options plan;
	const char *scenario;
	const char *like;
	struct schedule one; /* with a kill or a fault: only this one */
	bool single;
	bool keep;
	long workers;
};

/* The counts of all workers together. */
struct counts {
	atomic_long next, schedules, kills, missed, violations;
};

static struct counts *counts;
static char root[64];

/* --- one schedule --- */

static void complain(const struct schedule *schedule, const char *like, const struct buf *found)
{
	CLEANUP(cleanup_free) char *text = schedule_text(schedule, like);
	CLEANUP(cleanup_free) char *lines = alloc_text(buf_text(found));
	CLEANUP(buf_done) struct buf out = { .limit = 2 * COMPLAINTS_MAX };
	char *save = NULL;

	(void)buf_addf(&out, "VIOLATION  %s\n", text);
	for (const char *line = strtok_r(lines, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save))
		(void)buf_addf(&out, "    %s\n", line);
	(void)fputs(buf_text(&out), stdout); /* in one write, because several workers print */
	(void)fflush(stdout);
}

static void run_one(struct world *world, const struct schedule *schedule,
	const struct judge_end *end, struct seen *seen)
{
	CLEANUP(buf_done) struct buf found = { .limit = COMPLAINTS_MAX };
	int wanted = (schedule->kills[0].at > 0) + (schedule->kills[1].at > 0);
	int kills = schedule_run(world, schedule, end, seen, &found);

	atomic_fetch_add(&counts->schedules, 1);
	atomic_fetch_add(&counts->kills, kills);
	atomic_fetch_add(&counts->missed, wanted - kills);
	if (found.len == 0)
		return;
	atomic_fetch_add(&counts->violations, 1);
	complain(schedule, world->like, &found);
}

/* --- the workers --- */

/* The second kill is tried at every boundary of what follows the first one. */
static void run_all_seconds(struct world *world, const struct schedule *first,
	const struct judge_end *end, struct seen *seen)
{
	CLEANUP(cleanup_free) char *list = NULL;
	struct plan_points points;

	if (first->scenario->kind != SCENARIO_TWO &&
		seen_before(seen, schedule_after_kill(world, first)))
		return;
	list = schedule_list(world, first);
	points = plan_points(list);
	for (size_t i = 0; i < points.count; i++) {
		struct schedule pair = *first;

		if (!points.list[i].loud)
			continue;
		pair.kills[1] = (struct kill){ .at = (long)i + 1, .then = THEN_AGENT };
		run_one(world, &pair, end, seen);
	}
	free(points.list);
}

/*
 * Binds a worker, and all that it starts, to one processor. In a world one process nearly always
 * waits for another, and waking that up on another processor takes longer than its work.
 */
static void stay_on_one(long number)
{
	cpu_set_t allowed, one;
	long place;

	if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
		return;
	place = number % CPU_COUNT(&allowed);
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed) || place-- > 0)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		(void)sched_setaffinity(0, sizeof one, &one);
		return;
	}
}

static void work(
	const struct options *options, const struct plan *plan, long number, struct seen *seen)
{
	CLEANUP(cleanup_free) char *dir = alloc_textf("%s/%ld", root, number);
	CLEANUP(buf_done) struct buf found = { .limit = COMPLAINTS_MAX };
	struct world world;
	struct judge_end end;
	size_t at;

	stay_on_one(number);
	world_open(&world, dir, options->like);
	schedule_prepare(&world, plan->scenario);
	if (schedule_reference(&world, plan->scenario, &end, &found) < 0)
		tree_fail("%s: %s", plan->scenario->name, buf_text(&found));
	while ((at = (size_t)atomic_fetch_add(&counts->next, 1)) < plan->count) {
		const struct plan_job *job = &plan->jobs[at];

		if (job->all_seconds)
			run_all_seconds(&world, &job->schedule, &end, seen);
		else
			run_one(&world, &job->schedule, &end, job->folded ? seen : NULL);
	}
	world_close(&world, options->keep);
}

static void run_workers(const struct options *options, const struct plan *plan)
{
	struct seen *seen = seen_new();
	int status;

	atomic_store(&counts->next, 0);
	(void)fflush(NULL);
	for (long i = 0; i < options->workers; i++) {
		pid_t pid = fork();

		if (pid < 0)
			tree_fail("fork");
		if (pid == 0) {
			work(options, plan, i, seen);
			(void)fflush(NULL);
			_exit(0);
		}
	}
	for (long i = 0; i < options->workers; i++)
		if (waitpid(-1, &status, 0) < 0 || status != 0)
			tree_fail("a worker failed");
	seen_free(seen);
}

/* --- a scenario --- */

/* Its boundaries; also checks that the undisturbed run keeps the promises and is the same twice. */
static char *list_points(const struct options *options, const struct scenario *scenario)
{
	CLEANUP(cleanup_free) char *dir = alloc_textf("%s/list", root);
	CLEANUP(buf_done) struct buf found = { .limit = COMPLAINTS_MAX };
	struct schedule schedule = { .scenario = scenario };
	struct judge_end end;
	struct world world;
	char *list;

	world_open(&world, dir, options->like);
	schedule_prepare(&world, scenario);
	if (schedule_reference(&world, scenario, &end, &found) < 0) {
		complain(&schedule, options->like, &found);
		atomic_fetch_add(&counts->violations, 1);
	}
	list = schedule_list(&world, &schedule);
	world_close(&world, false);
	return list;
}

static void run_scenario(const struct options *options, const struct scenario *scenario)
{
	CLEANUP(cleanup_free) char *list = list_points(options, scenario);
	struct plan_points points = plan_points(list);
	struct plan plan = plan_make(&options->plan, scenario, &points);
	long schedules = atomic_load(&counts->schedules), kills = atomic_load(&counts->kills);
	long violations = atomic_load(&counts->violations);
	time_t began = time(NULL);

	if (points.count == 0) {
		errno = 0;
		tree_fail("%s: no boundary is seen: is ptrace forbidden here?", scenario->name);
	}
	run_workers(options, &plan);
	(void)printf(
		"%-20s %4zu boundaries, %3zu that leave something; %5ld schedules, %5ld kills, "
		"%ld violations, %lld s\n",
		scenario->name, points.count, points.loud,
		atomic_load(&counts->schedules) - schedules, atomic_load(&counts->kills) - kills,
		atomic_load(&counts->violations) - violations, (long long)(time(NULL) - began));
	(void)fflush(stdout);
	free(plan.jobs);
	free(points.list);
}

static void run_single(const struct options *options)
{
	CLEANUP(cleanup_free) char *dir = alloc_textf("%s/0", root);
	CLEANUP(buf_done) struct buf found = { .limit = COMPLAINTS_MAX };
	CLEANUP(cleanup_free) char *witness = NULL;
	struct judge_end end;
	struct world world;

	world_open(&world, dir, options->like);
	schedule_prepare(&world, options->one.scenario);
	if (schedule_reference(&world, options->one.scenario, &end, &found) < 0)
		complain(&options->one, options->like, &found);
	world.loud = true;
	run_one(&world, &options->one, &end, NULL);
	witness = world_witness(&world);
	(void)printf("- told:\n%s", witness);
	if (options->keep)
		(void)printf("kept: %s\n", dir);
	world_close(&world, options->keep);
}

/* --- options --- */

static void usage(FILE *out)
{
	(void)fprintf(out,
		"Usage: tests/crash/crash [--singles|--long] [--scenario NAME] [--seed N] "
		"[--workers N]\n"
		"       tests/crash/crash --scenario NAME [--fault NAME] [--at N[:THEN]] [--and "
		"M[:THEN]]\n"
		"                         [--like 2.68] [--keep]\n"
		"THEN is what Juju does after the kill: rerun, agent, skip or reboot.\n"
		"Scenarios:");
	for (size_t i = 0; i < scenarios_count; i++)
		(void)fprintf(out, " %s", scenarios[i].name);
	(void)fprintf(out, "\nFaults:");
	for (size_t i = 0; i < faults_count; i++)
		(void)fprintf(out, " %s", faults[i].name);
	(void)fprintf(out, "\n");
}

static noreturn void refuse(const char *what)
{
	(void)fprintf(stderr, "crash: %s is not known\n", what);
	usage(stderr);
	exit(2);
}

static struct kill parse_kill(const char *text)
{
	struct kill kill = { .then = THEN_RERUN };
	char *rest;

	kill.at = strtol(text, &rest, 10);
	if (*rest == ':')
		kill.then = then_find(rest + 1);
	if (kill.at < 1 || kill.then == THEN_COUNT || (*rest && *rest != ':'))
		refuse(text);
	return kill;
}

static long parse_number(const char *text)
{
	long long number = text_number(text);

	if (number < 0)
		refuse(text);
	return (long)number;
}

static void take_option(struct options *options, int option)
{
	switch (option) {
	case '1':
		options->plan.extent = PLAN_SINGLES;
		break;
	case 'l':
		options->plan.extent = PLAN_EVERYTHING;
		break;
	case 's':
		options->scenario = optarg;
		options->one.scenario = scenario_find(optarg);
		if (!options->one.scenario)
			refuse(optarg);
		break;
	case 'f':
		options->one.fault = fault_find(optarg);
		if (!options->one.fault)
			refuse(optarg);
		options->single = true;
		break;
	case 'a':
	case 'b':
		options->one.kills[option == 'b'] = parse_kill(optarg);
		options->single = true;
		break;
	case 'S':
		options->plan.seed = (unsigned long long)parse_number(optarg);
		break;
	case 'w':
		options->workers = parse_number(optarg);
		break;
	case 'L':
		options->like = optarg;
		break;
	case 'k':
		options->keep = true;
		break;
	default:
		usage(option == 'h' ? stdout : stderr);
		exit(option == 'h' ? 0 : 2);
	}
}

static void parse(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "singles", no_argument, NULL, '1' },
		{ "long", no_argument, NULL, 'l' },
		{ "scenario", required_argument, NULL, 's' },
		{ "fault", required_argument, NULL, 'f' },
		{ "at", required_argument, NULL, 'a' },
		{ "and", required_argument, NULL, 'b' },
		{ "seed", required_argument, NULL, 'S' },
		{ "workers", required_argument, NULL, 'w' },
		{ "like", required_argument, NULL, 'L' },
		{ "keep", no_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1)
		take_option(options, option);
	if (optind < argc)
		refuse(argv[optind]);
	if (options->single && !options->one.scenario)
		refuse("a schedule without --scenario");
	if (options->workers < 1)
		options->workers = 1;
}

/* Uses the programs of the build, unless the environment names others. */
static void find_programs(const char *self)
{
	/* clang-format off */
	static const char *const programs[][2] = {
		{ "CHARM_TREE",       "../../charm" },
		{ "SANDBOX_JUJU",     "../sandbox/sandbox-juju" },
		{ "SANDBOX_SNAPD",    "../sandbox/sandbox-snapd" },
		{ "SANDBOX_CLOCK_SO", "../sandbox/sandbox-clock.so" },
		{ "CRASH_CUT",        "cut" },
		{ "CRASH_WITNESS",    "witness" },
	};
	/* clang-format on */
	CLEANUP(cleanup_free) char *real = realpath(self, NULL);
	char *slash = real ? strrchr(real, '/') : NULL;

	if (!slash)
		return;
	*slash = '\0';
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		CLEANUP(cleanup_free)
		char *relative = alloc_textf("%s/%s", real, programs[i][1]);
		CLEANUP(cleanup_free) char *path = realpath(relative, NULL);

		if (path)
			(void)setenv(programs[i][0], path, 0);
	}
}

/* In memory if possible, because thousands of small files come and go. */
static void make_root(void)
{
	const char *folder = getenv("TMPDIR");

	if (!folder || !*folder)
		folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	(void)snprintf(root, sizeof root, "%s/crash-XXXXXX", folder);
	if (!mkdtemp(root))
		tree_fail("%s", root);
}

static bool chosen(const struct options *options, const struct scenario *scenario)
{
	if (options->scenario)
		return strcmp(options->scenario, scenario->name) == 0;
	return options->plan.extent != PLAN_SAMPLED || scenario->kind != SCENARIO_SELDOM;
}

static void run_all(const struct options *options)
{
	(void)printf("seed %llu, snapd like %s\n", options->plan.seed, options->like);
	for (size_t i = 0; i < scenarios_count; i++)
		if (chosen(options, &scenarios[i]))
			run_scenario(options, &scenarios[i]);
	if (atomic_load(&counts->missed))
		(void)printf("%ld kills had nothing left to kill\n", atomic_load(&counts->missed));
	(void)printf("%ld crash points, %ld schedules, %ld violations\n",
		atomic_load(&counts->kills), atomic_load(&counts->schedules),
		atomic_load(&counts->violations));
}

int main(int argc, char **argv)
{
	struct options options = { .like = "2.77", .workers = 2 };

	options.plan.seed = (unsigned long long)time(NULL);
	find_programs(argv[0]);
	parse(&options, argc, argv);
	counts = mmap(
		NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		tree_fail("mmap");
	make_root();
	if (options.single)
		run_single(&options);
	else
		run_all(&options);
	if (!options.keep)
		tree_remove(root);
	return atomic_load(&counts->violations) ? 1 : 0;
}
