/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/schedule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "fsm/names.h"
#include "tests/crash/seen.h"
#include "tests/crash/tree.h"

enum {
	TICK_SECONDS = 300,
	TICKS_QUIET = 3, /* after so many without any change it is the end */
	TICKS_MAX = 100, /* some eight hours: longer than any pause of the charm */
	KILLED = 137,
	RESTS_MAX = 256,
};

/* clang-format off */
static const char *const names[THEN_COUNT] = {
	[THEN_RERUN] = "rerun", [THEN_AGENT] = "agent", [THEN_SKIP] = "skip", [THEN_REBOOT] = "reboot",
};

/* What is done about the unit after its agent has died. */
static const char *const remedies[THEN_COUNT][3] = {
	[THEN_AGENT]  = { "juju retry " WORLD_UNIT },
	[THEN_SKIP]   = { "juju --retries 0 retry " WORLD_UNIT, "juju resolved " WORLD_UNIT " --no-retry" },
	[THEN_REBOOT] = { "reboot" },
};
/* clang-format on */

const char *then_name(enum then then)
{
	return names[then];
}

enum then then_find(const char *name)
{
	enum then then = 0;

	while (then < THEN_COUNT && strcmp(names[then], name) != 0)
		then++;
	return then;
}

char *schedule_text(const struct schedule *schedule, const char *like)
{
	CLEANUP(buf_done) struct buf text = { .limit = 1024 };

	(void)buf_addf(&text, "tests/crash/crash --scenario %s", schedule->scenario->name);
	if (schedule->fault)
		(void)buf_addf(&text, " --fault %s", schedule->fault->name);
	for (int i = 0; i < KILLS_MAX && schedule->kills[i].at > 0; i++)
		(void)buf_addf(&text, " --%s %ld:%s", i ? "and" : "at", schedule->kills[i].at,
			names[schedule->kills[i].then]);
	if (strcmp(like, "2.77") != 0)
		(void)buf_addf(&text, " --like %s", like);
	return alloc_text(buf_text(&text));
}

/* --- a run --- */

struct course {
	struct world *world;
	const struct schedule *schedule;
	size_t step; /* of the scenario */
	int kills;   /* that took place */
	struct seen *seen;
	bool stops;     /* at the first kill of an agent ... */
	bool unordered; /* no action is run, nothing is attached */
	bool halted;    /* ... as it did, or after the last when what follows is known */
	struct sight now;
	struct buf *ret;
};

static void add_kills(struct buf *plan, const struct schedule *schedule)
{
	for (int i = 0; i < KILLS_MAX && schedule->kills[i].at > 0; i++)
		(void)buf_addf(plan, "%ld%s ", schedule->kills[i].at,
			schedule->kills[i].then == THEN_RERUN ? "" : "!");
}

static void write_plan(const struct course *course)
{
	CLEANUP(buf_done) struct buf plan = { .limit = 256 };

	add_kills(&plan, course->schedule);
	world_plan(course->world, plan.len ? buf_text(&plan) : "none");
}

static int planned(const struct schedule *schedule)
{
	int count = 0;

	while (count < KILLS_MAX && schedule->kills[count].at > 0)
		count++;
	return count;
}

static void tell(const struct course *course, const char *what)
{
	const struct sight *now = &course->now;

	if (!course->world->loud)
		return;
	(void)printf("  %lld, after %s:\n    Juju %s%s: %s\n    snapd: %s %s%s, %ld changes\n"
		     "    record: %s, %s, intent %s %s, %s, told %s: %s\n",
		world_now(course->world), what, now->error ? "(error) " : "", now->status,
		now->message, now->snap.present ? now->snap.tracking : "absent", now->snap.revision,
		now->snap.busy ? " (busy)" : "", now->snap.made, fsm_state_name(now->record.state),
		fsm_reason_name(now->record.reason), fsm_op_name(now->record.intent.op),
		fsm_phase_name(now->record.intent.phase), now->record.ours ? "ours" : "not ours",
		fsm_status_name(now->record.told_status), now->record.told_message);
}

static bool is_wake(const char *line)
{
	return strncmp(line, "wake", 4) == 0;
}

/* A hook that the operator skips tells Juju nothing; the next hook does. WAKER: there was one to run. */
static bool ran_a_hook(const char *line, bool waker)
{
	return strcmp(line, "reboot") == 0 || (waker && is_wake(line)) ||
	       (strncmp(line, "juju ", 5) == 0 && strncmp(line, "juju resolved", 13) != 0);
}

static unsigned long long mix(unsigned long long hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 1099511628211ULL;
	return hash;
}

/*
 * A number for the state from which the run goes on: all that can be seen, the time, the step, and
 * what was asked so far. It does not include how far an interrupted commit got, because the next
 * hook sees the same database in all of these cases.
 */
static unsigned long long number_after_kill(const struct course *course)
{
	long long now = sandbox_clock_now(course->world->clock);
	long posts = judge_posts(course->world);
	unsigned long long hash = mix(14695981039346656037ULL, &course->now, sizeof course->now);

	hash = mix(hash, &now, sizeof now);
	hash = mix(hash, &posts, sizeof posts);
	hash = mix(hash, &course->step, sizeof course->step);
	hash = mix(hash, &course->kills, sizeof course->kills);
	return mix(hash, &course->schedule->fault, sizeof course->schedule->fault);
}

static bool of_two(const struct schedule *schedule)
{
	return schedule->scenario->kind == SCENARIO_TWO;
}

/* Runs a command, and everything that is needed until the unit is done with it. */
static void command(struct course *course, const char *line)
{
	struct world *world = course->world;
	bool waker = course->now.waker;
	int code = world_run(world, line);
	enum then then;

	course->kills = planned(course->schedule) - world_plan_left(world);
	world_look(world, &course->now);
	tell(course, line);
	if (code != KILLED) {
		/* What the first unit shows is as old as its last hook. */
		if (ran_a_hook(line, waker) && !strstr(line, WORLD_SECOND)) {
			judge_truth(&course->now, course->ret);
			judge_waker(world, &course->now, course->ret);
		}
		return;
	}
	if (course->kills == 0)
		tree_fail("%s was killed by somebody else", line);
	judge_killed(&course->now, course->ret);
	course->halted =
		course->stops || (course->seen && course->kills == planned(course->schedule) &&
					 seen_before(course->seen, number_after_kill(course)));
	if (course->halted)
		return;
	then = course->schedule->kills[course->kills - 1].then;
	if (of_two(course->schedule))
		return; /* the other one comes first: see walk() */
	if (is_wake(line) && then != THEN_REBOOT)
		return; /* Juju does nothing about a waker: the next hook does */
	for (size_t i = 0; i < 3 && remedies[then][i]; i++)
		command(course, remedies[then][i]);
}

/*
 * Runs update-status, or a failed hook, which Juju also retries; returns whether it changed
 * anything.
 */
static bool tick(struct course *course)
{
	const char *const *steps = course->schedule->scenario->steps;
	struct sight before = course->now;
	bool wakes = false;

	sandbox_clock_advance(course->world->clock, TICK_SECONDS * SANDBOX_CLOCK_SECOND);
	command(course, course->now.error ? "juju retry " WORLD_UNIT : "juju tick " WORLD_UNIT);
	for (size_t i = 0; i < SCENARIO_LINES && steps[i]; i++)
		wakes = wakes || is_wake(steps[i]);
	if (wakes && !course->halted)
		command(course, "wake");
	return memcmp(&before, &course->now, sizeof before) != 0;
}

/* What is seen as a number, without the times. */
static unsigned long long number_of(const struct sight *sight)
{
	struct sight timeless = *sight;

	timeless.record.since = timeless.record.intent.asked = timeless.record.intent.uptime = 0;
	timeless.record.failure.tried = timeless.record.failure.answered = 0;
	timeless.record.failure.next_try = 0;
	timeless.record.order.since = timeless.record.update.asked = 0;
	memset(timeless.record.hold.until, 0, sizeof timeless.record.hold.until);
	timeless.record.probation.since = timeless.record.probation.quiet = 0;
	timeless.record.drift.put = timeless.record.drift.next_try = 0;
	return mix(14695981039346656037ULL, &timeless, sizeof timeless);
}

/* The states that this process has already seen to stay the same over enough ticks. */
static bool known_to_rest(const struct sight *sight, bool rests)
{
	static unsigned long long known[RESTS_MAX];
	static size_t count;
	unsigned long long number = number_of(sight);

	for (size_t i = 0; i < count; i++)
		if (known[i] == number)
			return true;
	if (rests && count < RESTS_MAX)
		known[count++] = number;
	return false;
}

/* A hook of it is skipped by the operator. */
static bool is_skipped(const struct schedule *schedule)
{
	bool ret = false;

	for (int i = 0; i < KILLS_MAX; i++)
		ret = ret || (schedule->kills[i].at > 0 && schedule->kills[i].then == THEN_SKIP);
	return ret;
}

static bool may_be_lost(const struct schedule *schedule, const struct judge_end *end)
{
	return end->ordered || (end->attached && is_skipped(schedule));
}

/*
 * Runs update-status until nothing changes, and with END until the world also looks like END. A
 * state that is known to stay the same is not watched as long again, if the first tick changes
 * nothing.
 */
static void settle(struct course *course, const struct judge_end *end)
{
	CLEANUP(buf_done) struct buf ignored = { .limit = 65536 };
	int quiet = 0;

	for (int ticks = 0; ticks < TICKS_MAX && course->now.deployed; ticks++) {
		quiet = tick(course) ? 0 : quiet + 1;
		world_plan(course->world, "none");
		if (course->halted)
			return;
		if (quiet == 0 || (end && !judge_ended(end, may_be_lost(course->schedule, end),
						  &course->now, &ignored)))
			continue;
		if (known_to_rest(&course->now, quiet >= TICKS_QUIET) || quiet >= TICKS_QUIET)
			return;
	}
}

/* Sets up the world as the scenario finds it, and what will become of its request. */
static void begin(struct world *world, const struct schedule *schedule)
{
	CLEANUP(cleanup_free) char *line = NULL;

	world_back(world);
	if (!schedule->fault)
		return;
	line = alloc_textf("snapd {\"do\":\"fault\",\"method\":\"POST\",\"path\":\"/v2/snaps%s\","
			   "\"mode\":%s}",
		scenario_file(schedule->scenario) ? "" : "/microsample", schedule->fault->mode);
	(void)world_run(world, line);
}

static bool is_order(const char *line)
{
	return strncmp(line, "juju run ", 9) == 0;
}

static bool is_attachment(const char *line)
{
	return strncmp(line, "juju attach-resource ", 21) == 0;
}

static void walk(struct course *course)
{
	const struct scenario *scenario = course->schedule->scenario;

	world_look(course->world, &course->now);
	for (; course->step < SCENARIO_LINES && scenario->steps[course->step] && !course->halted;
		course->step++)
		if (!course->unordered || !(is_order(scenario->steps[course->step]) ||
						  is_attachment(scenario->steps[course->step])))
			command(course, scenario->steps[course->step]);
	/* The agents that were killed begin again. */
	for (int i = 0; of_two(course->schedule) && i <= course->kills && !course->halted; i++) {
		command(course, "juju retry " WORLD_SECOND);
		command(course, "juju retry " WORLD_UNIT);
	}
}

void schedule_prepare(struct world *world, const struct scenario *scenario)
{
	world_fresh(world);
	for (size_t i = 0; i < SCENARIO_LINES && scenario->base[i]; i++)
		if (world_run(world, scenario->base[i]) != 0)
			tree_fail("%s: %s", scenario->name, scenario->base[i]);
	world_keep(world);
}

int schedule_reference(struct world *world, const struct scenario *scenario,
	struct judge_end *ret_end, struct buf *ret)
{
	struct schedule schedule = { .scenario = scenario };
	struct course course = { .world = world, .schedule = &schedule, .ret = ret };
	struct course without = {
		.world = world, .schedule = &schedule, .unordered = true, .ret = ret
	};

	*ret_end = (struct judge_end){ .supplied = scenario_file(scenario) != 0 };
	world_back(world);
	walk(&course);
	settle(&course, NULL);
	ret_end->sight = course.now;
	ret_end->posts = judge_posts(world);
	judge_whole(world, ret_end, &course.now, 0, ret);
	if (ret_end->supplied && course.now.deployed &&
		atol(course.now.snap.revision) != scenario_file(scenario))
		(void)buf_addf(ret, "revision %s of another file runs\n", course.now.snap.revision);
	for (size_t i = 0; i < SCENARIO_LINES && scenario->steps[i]; i++) {
		ret_end->ordered |= is_order(scenario->steps[i]);
		ret_end->attached |= is_attachment(scenario->steps[i]);
	}
	if (ret_end->ordered || ret_end->attached) {
		world_back(world);
		walk(&without);
		settle(&without, NULL);
		ret_end->without = without.now;
	}
	return ret->len ? -1 : 0;
}

char *schedule_list(struct world *world, const struct schedule *schedule)
{
	CLEANUP(buf_done) struct buf ignored = { .limit = 65536 };
	CLEANUP(buf_done) struct buf plan = { .limit = 256 };
	struct course course = { .world = world, .schedule = schedule, .ret = &ignored };

	begin(world, schedule);
	add_kills(&plan, schedule);
	(void)buf_adds(&plan, "0");
	world_plan(world, buf_text(&plan));
	walk(&course);
	if (course.now.deployed)
		(void)tick(&course);
	return world_plan_list(world);
}

unsigned long long schedule_after_kill(struct world *world, const struct schedule *schedule)
{
	CLEANUP(buf_done) struct buf ignored = { .limit = 65536 };
	struct schedule once = *schedule;
	struct course course = {
		.world = world, .schedule = &once, .stops = true, .ret = &ignored
	};

	once.kills[0].then = THEN_AGENT;
	once.kills[1].at = 0;
	begin(world, &once);
	write_plan(&course);
	walk(&course);
	return number_after_kill(&course);
}

/* An operator who resolves the remove hook with --no-retry accepts what is left behind. */
static bool let_go(const struct schedule *schedule, const struct judge_end *end)
{
	return is_skipped(schedule) && !end->sight.deployed;
}

int schedule_run(struct world *world, const struct schedule *schedule, const struct judge_end *end,
	struct seen *seen, struct buf *ret)
{
	struct course course = { .world = world, .schedule = schedule, .ret = ret };

	/* What can be seen is the first unit alone. */
	course.seen = of_two(schedule) ? NULL : seen;

	begin(world, schedule);
	write_plan(&course);
	walk(&course);
	if (!course.halted)
		settle(&course, end);
	if (!course.halted && !let_go(schedule, end))
		(void)judge_ended(end, may_be_lost(schedule, end), &course.now, ret);
	/*
	 * An interrupted request may have had no effect, so one more is allowed for each
	 * disturbance.
	 */
	judge_whole(world, end, &course.now, course.kills + (schedule->fault != NULL), ret);
	return course.kills;
}
