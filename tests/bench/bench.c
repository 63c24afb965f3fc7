/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures what a dispatch costs, compared with the floor: the smallest program that does the same
 * visible work. The two take turns and start from the same state each time, so that other work on
 * the machine affects both. Trust the ratios more than the times.
 *
 *	bench ROUNDS FLOOR [PAGE]
 *
 * Prints its tables. With PAGE, they replace the text between two marks on that page. Ends with 1 if
 * a hook with nothing to do costs more than its budget.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/bench/measure.h"
#include "tests/bench/stage.h"
#include "tests/sandbox/juju_files.h"

#define BEGIN "<!-- written by make bench: from here -->\n"
#define END   "<!-- to here -->\n"

/* clang-format off */
static const struct event events[] = {
	{ "install, the snap is there already", "install",        STAGE_OLD, true },
	{ "start",                              "start",          STAGE_OLD, false },
	{ "config-changed, the same channel",   "config-changed", STAGE_OLD, false },
	{ "config-changed, a new channel",      "config-changed", STAGE_NEW, false },
	{ "update-status",                      "update-status",  STAGE_OLD, false },
};
enum {
	EVENTS = sizeof events / sizeof *events,
	NEW_CHANNEL = 3,
	IDLE = 4,
	SIDES = 2, /* the charm, the floor */
	ROUNDS_MAX = 10000,
};

static const struct {
	const char *name;
	struct load load;
} loads[] = {
	{ "1 change, 1 row in the journal",         { "other",       1,   1,    0 } },
	{ "500 changes of another snap",            { "other",       500, 1,    0 } },
	{ "500 changes of this snap",               { "microsample", 500, 1,    0 } },
	{ "1,000 rows in the journal",              { "other",       1,   1000, 0 } },
	{ "500 changes of another snap, 1,000 rows", { "other",      500, 1000, 0 } },
	{ "a log just before it is shortened",      { "other",       1,   1,    60 } },
};
/* clang-format on */

#define INSTRUCTIONS_MAX 1.25 /* times the floor's, of a hook with nothing to do */

struct result {
	struct counts counts;
	double instructions; /* thousands */
	double wall, cpu, own;
};

static struct result results[EVENTS][SIDES];
static struct buf page;

static const struct player *side(const struct stage *stage, int which)
{
	return which == 0 ? &stage->charm : &stage->floor;
}

__attribute__((noreturn)) static void fail(const char *what, const char *which)
{
	(void)fprintf(stderr, "bench: %s: %s\n", which, what);
	exit(EXIT_FAILURE);
}

static double instructions(
	struct stage *stage, const struct player *player, const struct event *event)
{
	CLEANUP(cleanup_free) char *scratch = alloc_textf("%s/callgrind", stage->dir);
	struct command command = stage_command(stage, player, event);

	stage_reset(stage, player, event);
	return measure_instructions(&command, scratch);
}

/* Comparing makes sense only if the floor does the same work. */
static void compare(const struct event *event, const struct result *both)
{
	const struct counts *charm = &both[0].counts, *floor = &both[1].counts;

	if (charm->gets != floor->gets || charm->posts != floor->posts ||
		charm->probes != floor->probes)
		fail("the floor does not send the same requests", event->name);
	if (charm->trace.processes != floor->trace.processes ||
		memcmp(charm->trace.tools, floor->trace.tools, sizeof floor->trace.tools) != 0)
		fail("the floor does not call the same tools", event->name);
}

static void count(struct stage *stage)
{
	for (int i = 0; i < EVENTS; i++) {
		for (int k = 0; k < SIDES; k++) {
			struct result *result = &results[i][k];

			stage_count(stage, side(stage, k), &events[i], &result->counts);
			result->instructions = instructions(stage, side(stage, k), &events[i]);
		}
		compare(&events[i], results[i]);
	}
}

static void run_rounds(struct stage *stage, int rounds)
{
	static struct cost costs[EVENTS][SIDES][ROUNDS_MAX];
	static double values[3][ROUNDS_MAX];

	for (int turn = 0; turn < rounds * EVENTS * SIDES; turn++) {
		int round = turn / (EVENTS * SIDES);
		int i = (turn / SIDES + round) % EVENTS;
		int k = (turn + round) % SIDES;
		struct command command;

		stage_reset(stage, side(stage, k), &events[i]);
		command = stage_command(stage, side(stage, k), &events[i]);
		costs[i][k][round] = measure_run(&command);
	}
	for (int i = 0; i < EVENTS; i++) {
		for (int k = 0; k < SIDES; k++) {
			for (int round = 0; round < rounds; round++) {
				values[0][round] = costs[i][k][round].wall;
				values[1][round] = costs[i][k][round].cpu;
				values[2][round] = costs[i][k][round].own;
			}
			results[i][k].wall = measure_median(values[0], rounds);
			results[i][k].cpu = measure_median(values[1], rounds);
			results[i][k].own = measure_median(values[2], rounds);
		}
	}
}

/* --- the tables --- */

static double ratio(double charm, double floor)
{
	return floor > 0 ? charm / floor : 0;
}

static void print_costs(void)
{
	(void)buf_adds(&page, "| event | | wall ms | CPU ms | own CPU ms | 1,000 instructions | "
			      "RSS KiB | syncs |\n|---|---|---:|---:|---:|---:|---:|---:|\n");
	for (int i = 0; i < EVENTS; i++) {
		const struct result *charm = &results[i][0], *floor = &results[i][1];

		for (int k = 0; k < SIDES; k++) {
			const struct result *at = &results[i][k];

			(void)buf_addf(&page,
				"| %s | %s | %.2f | %.2f | %.2f | %.0f | %ld | %d |\n",
				k == 0 ? events[i].name : "", k == 0 ? "charm" : "floor", at->wall,
				at->cpu, at->own, at->instructions, at->counts.trace.rss,
				at->counts.trace.syncs);
		}
		(void)buf_addf(&page,
			"| | **ratio** | %.2f | %.2f | **%.2f** | **%.2f** | %.2f | |\n",
			ratio(charm->wall, floor->wall), ratio(charm->cpu, floor->cpu),
			ratio(charm->own, floor->own),
			ratio(charm->instructions, floor->instructions),
			ratio((double)charm->counts.trace.rss, (double)floor->counts.trace.rss));
	}
}

static void print_counts(void)
{
	(void)buf_adds(&page, "\n| event | processes | hook tools | GET | POST |\n"
			      "|---|---:|---|---:|---:|\n");
	for (int i = 0; i < EVENTS; i++) {
		const struct counts *counts = &results[i][0].counts;
		const struct trace *trace = &counts->trace;

		(void)buf_addf(&page, "| %s | %d | ", events[i].name, trace->processes);
		for (int k = 0; k < TRACE_TOOLS && trace->tools[k].calls; k++) {
			(void)buf_addf(&page, "%s`%s`", k ? ", " : "", trace->tools[k].name);
			if (trace->tools[k].calls > 1)
				(void)buf_addf(&page, " %d times", trace->tools[k].calls);
		}
		(void)buf_addf(&page, " | %d | %d |\n", counts->gets, counts->posts);
	}
}

static void print_loads(struct stage *stage)
{
	static const int shown[] = { IDLE, NEW_CHANNEL };

	(void)buf_adds(&page,
		"\n| what there is beside | event | 1,000 instructions | RSS KiB | GET "
		"| POST | syncs |\n|---|---|---:|---:|---:|---:|---:|\n");
	for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
		stage_load(stage, &loads[i].load);
		for (size_t k = 0; k < sizeof shown / sizeof *shown; k++) {
			const struct event *event = &events[shown[k]];
			struct counts counts;

			stage_count(stage, &stage->charm, event, &counts);
			(void)buf_addf(&page, "| %s | %s | %.0f | %ld | %d | %d | %d |\n",
				k == 0 ? loads[i].name : "", event->name,
				instructions(stage, &stage->charm, event), counts.trace.rss,
				counts.gets, counts.posts, counts.trace.syncs);
		}
	}
}

/* Whether the charm's instructions, those of ONE, are within the budget. */
static bool affordable(const char *name, double one, double floor)
{
	if (ratio(one, floor) <= INSTRUCTIONS_MAX)
		return true;
	(void)fprintf(stderr, "bench: %s: %.2f times the instructions of the floor, at most %.2f\n",
		name, ratio(one, floor), INSTRUCTIONS_MAX);
	return false;
}

static bool idle_affordable(void)
{
	bool ret = true;

	for (int i = 0; i < EVENTS; i++)
		if (!events[i].fresh && strcmp(events[i].option, STAGE_OLD) == 0)
			ret &= affordable(events[i].name, results[i][0].instructions,
				results[i][1].instructions);
	return ret;
}

/* The same event of a unit that holds its snap; whether its cost is within the budget. */
static bool print_held(struct stage *stage)
{
	const struct event *event = &events[IDLE];
	double cost[SIDES];
	struct result both[SIDES];

	stage_hold(stage);
	for (int k = 0; k < SIDES; k++) {
		stage_count(stage, side(stage, k), event, &both[k].counts);
		cost[k] = instructions(stage, side(stage, k), event);
	}
	compare(event, both);
	(void)buf_addf(&page,
		"\nupdate-status of a unit that holds its snap: %.0f thousand instructions, the "
		"floor "
		"%.0f, ratio **%.2f**; hook tools: %d, GET: %d, POST: %d, syncs: %d.\n",
		cost[0], cost[1], ratio(cost[0], cost[1]), both[0].counts.trace.processes,
		both[0].counts.gets, both[0].counts.posts, both[0].counts.trace.syncs);
	return affordable("update-status of a unit that holds its snap", cost[0], cost[1]);
}

static const char *file_system(const char *path)
{
	/* clang-format off */
	static const struct { unsigned long magic; const char *name; } names[] = {
		{ 0xef53,     "ext4" },
		{ 0x01021994, "tmpfs" },
		{ 0x9123683e, "btrfs" },
		{ 0x58465342, "xfs" },
		{ 0x794c7630, "overlayfs" },
	};
	/* clang-format on */
	struct statfs found;

	if (statfs(path, &found) < 0)
		return "an unknown file system";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].magic == (unsigned long)found.f_type)
			return names[i].name;
	return "another file system";
}

static void print_machine(const struct stage *stage, int rounds)
{
	const char *what = getenv("BENCH_WHAT");
	struct utsname name;

	(void)uname(&name);
	(void)buf_addf(&page,
		"%s; medians of %d rounds. %ld CPUs (%s), Linux %.3s, the unit's files on %s.\n\n",
		what ? what : "A build", rounds, sysconf(_SC_NPROCESSORS_ONLN), name.machine,
		name.release, file_system(stage->dir));
}

/* Puts TABLES between the marks of the page at PATH. */
static void write_page(const char *path, const char *tables)
{
	CLEANUP(buf_done) struct buf old = { .limit = 1 << 20 };
	CLEANUP(buf_done) struct buf text = { .limit = 1 << 20 };
	const char *begin, *end;
	struct error err;

	if (juju_read_file(&old, path, &err) < 0)
		fail(err.text, path);
	begin = strstr(buf_text(&old), BEGIN);
	end = begin ? strstr(begin, END) : NULL;
	if (!end)
		fail("the marks are not there", path);
	begin += strlen(BEGIN);
	(void)buf_add(&text, buf_text(&old), (size_t)(begin - buf_text(&old)));
	(void)buf_addf(&text, "\n%s\n%s", tables, end);
	if (juju_replace_file(path, text.data, text.len, &err) < 0)
		fail(err.text, path);
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[1]) : 0;
	struct stage stage;
	bool held;

	if (argc < 3 || argc > 4 || rounds < 1 || rounds > ROUNDS_MAX)
		fail("bench ROUNDS FLOOR [PAGE]", "usage");
	if (!trace_possible())
		fail("no process can be traced here", "ptrace");
	buf_init(&page, 1 << 20);
	stage_open(&stage, argv[2]);
	print_machine(&stage, rounds);
	count(&stage);
	run_rounds(&stage, rounds);
	print_costs();
	print_counts();
	print_loads(&stage);
	held = print_held(&stage);
	stage_close(&stage);
	(void)fputs(buf_text(&page), stdout);
	if (argc == 4)
		write_page(argv[3], buf_text(&page));
	buf_done(&page);
	return idle_affordable() && held ? EXIT_SUCCESS : EXIT_FAILURE;
}
