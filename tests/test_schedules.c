/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random lives of a unit with the whole charm: operators, other people, snapd, the Snap Store, Juju
 * and kills act in any order. After each hook the test checks the promises. At the end it puts
 * everything right; then the unit must become ready by itself, stay so, and be removed.
 *
 * A seed determines a life. SCHEDULES is how many lives there are, SCHEDULES_SEED the first seed. A
 * life that fails prints its seed; SCHEDULES=1 SCHEDULES_SEED=... plays it again and prints each
 * move.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "tests/hold_kit.h"
#include "tests/hostile_kit.h"
#include "tests/suite.h"

#define READY "Ready at 'edge'"

enum {
	LIVES = 8, /* of make check */
	MOVES = 40,
	PATIENCE = 90, /* seconds; its own number, so that it does not change with the charm */
	PATIENCE_LOCAL = 45, /* of what asks the Snap Store nothing */
	TROUBLED = 3,        /* one move out of so many is made by neither the operator nor Juju */
};

static struct charm charm;
static uint64_t dice;
static bool telling;

/* xorshift64*: gives the same numbers on every machine. */
static size_t throw(size_t sides)
{
	dice ^= dice >> 12;
	dice ^= dice << 25;
	dice ^= dice >> 27;
	return (size_t)((dice * 2685821657736338717u >> 33) % sides);
}

#define ANY(list) (list)[throw(sizeof(list) / sizeof *(list))]

static void tell(const char *what, const char *more)
{
	if (telling)
		(void)fprintf(stderr, "  %s %s\n", what, more);
}

/* --- what must hold --- */

static cJSON *snapd_state(void)
{
	return snapd_proc_ctl(&charm.snapd, "%s", "{\"do\":\"state\"}");
}

static const char *text_of(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, key));

	return text ? text : "";
}

static double number_in(const cJSON *object, const char *key)
{
	const cJSON *number = cJSON_GetObjectItem(object, key);

	return cJSON_IsNumber(number) ? number->valuedouble : 0;
}

/* Of the snap, when CHANNEL is followed and nothing is wrong; else what is. */
static const char *what_is_wrong(const cJSON *state, const char *channel)
{
	const cJSON *item, *snap = NULL;
	char full[80];

	cJSON_ArrayForEach(item,
		cJSON_GetObjectItem(state, "snaps")) if (strcmp(text_of(item, "name"),
								 "microsample") == 0) snap = item;
	if (!snap)
		return "there is no snap";
	(void)snprintf(full, sizeof full, "latest/%s", channel);
	if (strcmp(text_of(snap, "tracking"), channel) != 0 &&
		strcmp(text_of(snap, "tracking"), full) != 0)
		return "the snap follows another channel";
	if (!cJSON_IsTrue(cJSON_GetObjectItem(snap, "active")))
		return "the snap is not active";
	if (cJSON_IsTrue(cJSON_GetObjectItem(snap, "enabled")) &&
		!cJSON_IsTrue(cJSON_GetObjectItem(snap, "running")))
		return "its service does not run";
	cJSON_ArrayForEach(
		item, cJSON_GetObjectItem(state,
			      "changes")) if (strcmp(text_of(item, "snap"), "microsample") == 0 &&
					      strcmp(text_of(item, "ended"), "0") ==
						      0) return "a change is in flight";
	return NULL;
}

/* After a hook that ran to its end: what Juju shows is true, and in the database. */
static void look_at_promises(void)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	const char *status = juju_show_text(shown, "status");
	const char *message = juju_show_text(shown, "message");
	const cJSON *run = juju_show_run(shown, NULL);
	int code = run ? cJSON_GetObjectItem(run, "exit")->valueint : 0;
	char *seen = alloc_textf("%s: %s", status, message);
	char *told = charm_sql(&charm, "select told_status || ': ' || told_message from record");

	tell("->", seen);
	ck_assert_msg(code == 0 || code == 1, "a hook ended with %d", code);
	/*
	 * One that failed may have been killed between the two, and then has taken back what it
	 * told.
	 */
	if (code == 0 && strcmp(status, "error") != 0)
		ck_assert_msg(strcmp(told, seen) == 0 || strcmp(told, "none: ") == 0,
			"the database says %s, Juju %s", told, seen);
	/* If Juju could not be told, it is told later; until then it shows the status before. */
	if (code == 0 && strcmp(status, "active") == 0 && strcmp(told, seen) == 0) {
		char channel[64] = "";
		cJSON *state = snapd_state();
		const char *wrong;

		ck_assert_int_eq(sscanf(message, "Ready at '%63[^']'", channel), 1);
		wrong = what_is_wrong(state, channel);
		ck_assert_msg(!wrong, "%s, and %s", seen, wrong);
		cJSON_Delete(state);
	}
	free(told);
	free(seen);
	cJSON_Delete(shown);
}

/* Nothing is asked twice within the time in which the first request may still land, which one that
 * was refused cannot; that is as long as nobody gives a reason to. */
static void look_at_requests(void)
{
	cJSON *answer = snapd_proc_ctl(&charm.snapd, "%s", "{\"do\":\"requests\"}");
	const cJSON *request, *before = NULL;

	cJSON_ArrayForEach(request, cJSON_GetObjectItem(answer, "requests"))
	{
		if (strcmp(text_of(request, "method"), "POST") != 0)
			continue;
		if (before && cJSON_Compare(cJSON_GetObjectItem(before, "body"),
				      cJSON_GetObjectItem(request, "body"), true)) {
			double pause = number_in(request, "time") - number_in(before, "time");
			const char *body = text_of(request, "body");
			bool store = strstr(body, "\"install\"") || strstr(body, "\"refresh\"");

			ck_assert_msg(pause >= 1000.0 * (store ? PATIENCE : PATIENCE_LOCAL),
				"asked again after %.1f s: %s", pause / 1000, body);
		}
		before = number_in(request, "status") < 400 ? request : NULL;
	}
	cJSON_Delete(answer);
	charm_forget(&charm);
}

/* --- the moves --- */

static void juju_does(const char *command, const char *more)
{
	struct juju_answer answer = juju_ask(&charm.juju, command, UNIT, more);

	tell(command, more ? more : "");
	juju_answer_done(&answer);
	look_at_promises();
}

static void time_goes_by(void)
{
	static const int seconds[] = { 1, 20, 46, 89, 91, 300, 1000, 3600, 30000, 100000 };
	int passed = ANY(seconds);
	char text[16];

	(void)snprintf(text, sizeof text, "%d", passed);
	tell("seconds", text);
	charm_pass(&charm, passed);
}

static void juju_looks(void)
{
	time_goes_by();
	juju_does("hook", "update-status");
}

static void juju_runs_a_hook(void)
{
	static const char *const hooks[] = { "start", "config-changed", "upgrade-charm",
		"leader-elected", "peers-relation-joined", "start" };

	look_at_requests();
	juju_does("hook", ANY(hooks));
}

static void operator_configures(void)
{
	static const char *const channels[] = { "edge", "beta", "candidate", "stable", "edge",
		"beta", "2.0/stable", "latest/edge", "9.9/edge", "EDGE", "foo", "", "edge/none" };
	static const char *const others[] = { "auto-refresh=false", "auto-refresh=true",
		"auto-refresh=false", "revision=0", "revision=2", "revision=1", "revision=77",
		"revision=-1", "rollback=true", "rollback=true", "rollback=false" };
	char *setting =
		throw(2) ? alloc_textf("channel=%s", ANY(channels)) : alloc_text(ANY(others));
	struct juju_answer answer;

	look_at_requests();
	tell("config", setting);
	answer = juju_ask(&charm.juju, "config", "microsample", setting);
	juju_answer_done(&answer);
	free(setting);
	look_at_promises();
}

static void operator_resolves(void)
{
	look_at_requests();
	juju_does("resolved", throw(2) ? "--no-retry" : NULL);
}

static void operator_orders(void)
{
	static const char *const actions[] = { "refresh", "revert", "restart", "restart", "retry",
		"abort", "plan" };
	const char *action = ANY(actions);
	struct juju_answer answer;

	look_at_requests();
	answer = juju_ask(&charm.juju, "run", UNIT, action);
	tell(action, answer.out);
	juju_answer_done(&answer);
	juju_looks();
}

/* clang-format off */
#define WELL "'quirk':'','dies-ms':0,'stays-dead':false,'health':'','health-message':''"
#define RELEASE(channel, revision, how) \
	"{'do':'store','set':{'channels':{'latest/" channel "':{'revision':'" revision "'," WELL "," how "}}}}"
/* clang-format on */

/* What others do to snapd; after each, a hook runs that notices it. */
static const char *const events[] = {
	"{'do':'foreign','kind':'auto-refresh','held':true}",
	"{'do':'foreign','kind':'auto-refresh','revision':'3'}",
	"{'do':'foreign','kind':'refresh-snap','channel':'latest/beta'}",
	"{'do':'release'}",
	"{'do':'prune'}",
	"{'do':'snap','name':'microsample','gone':true}",
	"{'do':'snap','name':'microsample','set':{'tracking':'latest/stable'}}",
	"{'do':'snap','name':'microsample','set':{'disabled':true}}",
	"{'do':'snap','name':'microsample','set':{'disabled':false}}",
	"{'do':'snap','name':'microsample','set':{'service':{'enabled':true,'active':false}}}",
	"{'do':'snap','name':'microsample','set':{'service':{'enabled':true,'active':true}}}",
	"{'do':'store','set':{'down':true}}",
	"{'do':'store','set':{'down':false}}",
	"{'do':'store','set':{'status':500}}",
	"{'do':'store','set':{'status':200}}",
	"{'do':'store','set':{'download':'500'}}",
	"{'do':'store','set':{'download':'ok'}}",
	"{'do':'store','set':{'channels':{'latest/beta':null}}}",
	/* Bad revisions: its services die at once, for ever, later on; the snap says that it is ill. */
	RELEASE("beta", "12", "'quirk':'crash'"),
	RELEASE("edge", "13", "'quirk':'crash'"),
	RELEASE("beta", "14", "'dies-ms':30000,'stays-dead':true"),
	RELEASE("edge", "15", "'dies-ms':240000,'stays-dead':true"),
	RELEASE("candidate", "16", "'dies-ms':1000"),
	RELEASE("beta", "17", "'health':'error','health-message':'no disk'"),
	RELEASE("edge", "18", WELL),
	RELEASE("beta", "19", WELL),
	"{'do':'workload','revision':'2','answer':'close'}",
	"{'do':'workload','revision':'2','answer':null}",
	"{'do':'workload','answer':500}",
	"{'do':'workload','answer':'refuse'}",
	"{'do':'workload','answer':null}",
	"{'do':'fail','task':'link-snap','log':'no','times':1}",
	"{'do':'seeded','value':false}",
	"{'do':'seeded','value':true}",
	"{'do':'away','how':'refused'}",
	"{'do':'away','how':'missing'}",
	"{'do':'back'}",
	"{'do':'like','value':'2.68'}",
	"{'do':'mode','manual':true}",
	"{'do':'mode','manual':false}",
	"{'do':'step','n':3}",
};

/* ' stands for ". */
static void snapd_command(const char *text)
{
	char *command = alloc_text(text);

	for (char *quote = command; (quote = strchr(quote, '\''));)
		*quote = '"';
	tell("snapd", command);
	cJSON_Delete(snapd_proc_ctl(&charm.snapd, "%s", command));
	free(command);
}

/* What a person asks snapd itself; a refusal is all right. */
static void a_person_asks(void)
{
	/* clang-format off */
	static const char *const bodies[] = {
		"{\"action\":\"hold\",\"time\":\"forever\",\"hold-level\":\"general\"}",
		"{\"action\":\"hold\",\"time\":\"2027-01-01T00:00:00Z\",\"hold-level\":\"general\"}",
		"{\"action\":\"unhold\"}", "{\"action\":\"unhold\"}", "{\"action\":\"revert\"}" };
	/* clang-format on */
	const char *body = ANY(bodies);
	long status;

	cJSON *state = snapd_state();
	/* One that is armed would strike this process. */
	bool fault = cJSON_GetArraySize(cJSON_GetObjectItem(state, "faults")) > 0;

	cJSON_Delete(state);
	look_at_requests();
	if (fault)
		return;
	tell("a person asks", body);
	cJSON_Delete(snapd_proc_ask(&charm.snapd, "POST", "/v2/snaps/microsample", body, &status));
	charm_forget(&charm);
	juju_looks();
}

static void others_act(void)
{
	static const char *const to_the_snap[] = { "auto-refresh", "refresh-snap" };
	const char *event = ANY(events);
	bool impossible = false;

	for (size_t i = 0; i < sizeof to_the_snap / sizeof *to_the_snap; i++)
		impossible |= strstr(event, to_the_snap[i]) && !charm_snap_present(&charm);
	look_at_requests();
	if (!impossible)
		snapd_command(event);
	juju_looks();
}

static void a_request_goes_wrong(void)
{
	static const char *const modes[] = { "'drop-unacted'", "'drop-acted'",
		"'act-late','ms':5000", "'act-late','ms':40000", "'reset'", "'eof-mid-body'",
		"'raw','status':500,'type':'text/plain','body':'?'",
		"'kill-client','when':'before'", "'kill-client','when':'acted'",
		"'kill-client','when':'answered'", "'chunked'", "'extra-fields'" };
	char *fault = alloc_textf("{'do':'fault','method':'%s','path':'','mode':%s,'skip':%zu}",
		throw(2) ? "POST" : "", ANY(modes), throw(3));

	snapd_command(fault);
	free(fault);
}

static void a_hook_tool_goes_wrong(void)
{
	static const char *const tools[] = { "config-get", "status-set", "application-version-set",
		"juju-log", "open-port", "opened-ports", "any" };
	static const char *const modes[] = { "exit1", "exit2", "die", "missing", "kill-before",
		"kill-after" };
	const char *tool = ANY(tools), *mode = ANY(modes);
	char skip[16];
	struct juju_answer answer;

	(void)snprintf(skip, sizeof skip, "%zu", throw(3));
	tell(tool, mode);
	answer = juju_ask(&charm.juju, "fault", tool, mode, "--skip", skip);
	juju_answer_done(&answer);
}

static void any_move(void)
{
	static void (*const calm[])(void) = { juju_looks, juju_looks, juju_looks,
		operator_configures, operator_configures, operator_orders, juju_runs_a_hook,
		operator_resolves };
	static void (*const trouble[])(void) = { others_act, others_act, a_person_asks,
		a_request_goes_wrong, a_hook_tool_goes_wrong };

	if (throw(TROUBLED) == 0)
		ANY(trouble)();
	else
		ANY(calm)();
}

/* --- a life --- */

static void the_snap_is_mended(void)
{
	static const char *const mended[] = {
		"{'do':'snap','name':'microsample','set':{'disabled':false," WELL "}}",
		/* What the revision does now counts from the next start on. */
		"{'do':'snap','name':'microsample','set':{'service':{'active':false}}}",
		("{'do':'snap','name':'microsample','set':{'service':{'enabled':true,"
		 "'active':true}}}"),
	};

	for (size_t i = 0; charm_snap_present(&charm) && i < sizeof mended / sizeof *mended; i++)
		snapd_command(mended[i]);
}

static void all_is_put_right(void)
{
	static const char *const remedies[] = { "{'do':'back'}", "{'do':'well'}",
		"{'do':'mode','manual':false}", "{'do':'release'}", "{'do':'finish'}",
		"{'do':'seeded','value':true}",
		"{'do':'store','set':{'down':false,'status':200,'download':'ok'}}",
		"{'do':'workload','revision':'2','answer':null}", "{'do':'workload','answer':null}",
		RELEASE("edge", "18", WELL) };

	tell("all is put right", "");
	for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
		snapd_command(remedies[i]);
	the_snap_is_mended();
	hostile_tools_well(&charm);
	juju_does("resolved", NULL);
	ck_assert_int_eq(juju_call(&charm.juju, "config", "microsample", "channel=edge",
				 "revision=0", "auto-refresh=true", "rollback=false"),
		0);
	look_at_promises();
}

static bool shows(const char *status, const char *begin)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	bool ret = strcmp(juju_show_text(shown, "status"), status) == 0 &&
		   strncmp(juju_show_text(shown, "message"), begin, strlen(begin)) == 0;

	cJSON_Delete(shown);
	return ret;
}

/* A person may have held or reverted the snap. */
static bool is_at_its_end(void)
{
	return shows("active", READY);
}

/* Two days at most: what is forgotten after a day is forgotten then. */
static void it_comes_to_its_end(void)
{
	for (int hours = 0; hours < 48 && !is_at_its_end(); hours++) {
		/* What was in flight when all was put right may still have failed: the status says what to do. */
		if (shows("blocked", "No service is enabled; run: snap start") ||
			shows("blocked", "Service is down; run: snap start"))
			the_snap_is_mended();
		charm_pass(&charm, 3600);
		juju_does("hook", "update-status");
	}
	ck_assert(is_at_its_end());
	charm_forget(&charm);
	for (int i = 0; i < 3; i++) {
		charm_pass(&charm, 30000);
		juju_does("hook", "update-status");
		ck_assert(is_at_its_end());
	}
	ck_assert_int_eq(charm_posts(&charm), 0);
	charm_expect_sql(&charm, "select order_kind || hold_ours from record", "noneno");
	hostile_sound(&charm);
}

static void it_leaves(void)
{
	char *before;
	char *ours = charm_sql(&charm, "select ours from record");
	char *gaps = charm_sql(
		&charm, "select count(*) - max(sequence) + min(sequence) - 1 from journal");

	ck_assert_str_eq(gaps, "0");
	/* A request that failed is told once: another one was asked before the next such row. */
	charm_expect_sql(&charm,
		"select count(*) from journal a join journal b on b.sequence = a.sequence + 1 "
		"where a.effect = 'digest' and b.effect = 'digest'",
		"0");
	before = hold_shown(&charm);
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert_int_eq(charm_snap_present(&charm), strcmp(ours, "no") == 0);
	if (charm_snap_present(&charm)) /* none of ours is on it by now */
		hold_expect(&charm, before);
	free(before);
	free(ours);
	free(gaps);
}

/* A refresh that will be rolled back, perhaps. */
static void it_is_spoilt(void)
{
	static const char *const releases[] = {
		RELEASE("beta", "12", "'quirk':'crash'"),
		RELEASE("beta", "14", "'dies-ms':30000,'stays-dead':true"),
		RELEASE("beta", "17", "'health':'error','health-message':'no disk'"),
	};
	static const char *const settings[] = { "rollback=true", "channel=edge", "channel=beta" };

	snapd_command(ANY(releases));
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		struct juju_answer answer =
			juju_ask(&charm.juju, "config", "microsample", settings[i]);

		tell("config", settings[i]);
		juju_answer_done(&answer);
		look_at_promises();
	}
	charm_forget(&charm);
}

static long number_of(const char *name, long otherwise)
{
	const char *text = getenv(name);
	long long number = text && *text ? text_number(text) : otherwise;

	return number < 0 ? otherwise : (long)number;
}

START_TEST(a_life_at_random_comes_to_its_end)
{
	unsigned long long seed =
		(unsigned long long)number_of("SCHEDULES_SEED", 1) + (unsigned long long)_i;

	telling = number_of("SCHEDULES", LIVES) == 1;
	/* Shown only with a failure: Check forks, and this is the process that dies of it. */
	(void)fprintf(stderr, "SCHEDULES=1 SCHEDULES_SEED=%llu\n", seed);
	dice = seed * 0x9e3779b97f4a7c15u | 1;
	charm_open(&charm, throw(2) ? "2.77" : "2.68");
	charm_juju(throw(2) ? "4.0" : "3.6");
	for (int i = 0; i < 3; i++)
		(void) throw(2);
	if (throw(4) == 0) /* it was there before us */
		snapd_command("{'do':'snap','name':'microsample','set':{'revision':'2',"
			      "'tracking':'latest/beta'}}");
	if (throw(3) == 0)
		a_request_goes_wrong();
	ck_assert_int_eq(charm_deploy(&charm, throw(2) ? NULL : "channel=beta"), 0);
	look_at_promises();
	charm_forget(&charm);
	if (throw(2) == 0)
		it_is_spoilt();
	for (int i = 0; i < MOVES; i++)
		any_move();
	all_is_put_right();
	it_comes_to_its_end();
	it_leaves();
	charm_close(&charm);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("schedules");
	TCase *tests = tcase_create("lives");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(
		tests, a_life_at_random_comes_to_its_end, 0, (int)number_of("SCHEDULES", LIVES));
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
