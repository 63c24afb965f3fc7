/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/action.h"

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "fsm/names.h"
#include "hooks/lead.h"
#include "hooks/order.h"
#include "hooks/plan.h"
#include "inspect/inspect.h"
#include "juju/action.h"
#include "juju/tool.h"

static int64_t tool_time(const struct run *run)
{
	return run->budget < TOOL_TIME_MAX ? run->budget : TOOL_TIME_MAX;
}

static int give(const struct run *run, const struct inspect_results *results, struct error *err)
{
	return juju_action_set(results->pairs, results->count, tool_time(run), err);
}

/*
 * What `./state` shows, as results. Like that it takes no lock and changes nothing: it may run beside
 * a hook.
 */
static int show(const struct run *run, bool history, int64_t rows, struct error *err)
{
	CLEANUP(inspect_close) struct inspect_view view = { 0 };
	CLEANUP(inspect_results_done) struct inspect_results results = { 0 };

	if (inspect_open(run->directory, &view, err) < 0 ||
		inspect_choose(&view, history, (size_t)rows, err) < 0 ||
		inspect_results(&view, &results, err) < 0 || give(run, &results, err) < 0)
		return -1;
	return view.problems
		       ? error_set(err, ERROR_CORRUPT, "the database is damaged: see ./state check")
		       : 0;
}

static int run_state(struct run *run, const struct juju_value *values, struct error *err)
{
	(void)values;
	return show(run, false, 0, err);
}

static int run_history(struct run *run, const struct juju_value *values, struct error *err)
{
	return show(run, true, values[0].number, err);
}

static int run_plan(struct run *run, const struct juju_value *values, struct error *err)
{
	CLEANUP(inspect_results_done) struct inspect_results results = { 0 };
	struct plan_wish wish = { values[0].text, values[1].number };

	return plan_make(run, &wish, &results, err) < 0 ? -1 : give(run, &results, err);
}

/* What an order has come to is told also when that is a failure. */
static int run_order(struct run *run, const struct juju_value *values, struct error *err)
{
	CLEANUP(inspect_results_done) struct inspect_results results = { 0 };
	enum fsm_order order = FSM_ORDER_NONE;
	int outcome;

	(void)values;
	(void)fsm_order_named(run->hook, &order); /* the actions have their names */
	outcome = order_run(run, order, &results, err);
	if (results.count > 0 && give(run, &results, outcome < 0 ? NULL : err) < 0)
		return -1;
	return outcome;
}

/* What the leader made of it; the refusal of another unit has no results. */
static int run_resume(struct run *run, const struct juju_value *values, struct error *err)
{
	CLEANUP(inspect_results_done) struct inspect_results results = { 0 };
	struct fsm_status_line line = { .message = "" };
	CLEANUP(cleanup_free) char *status = NULL;

	if (lead_resume(run, values[0].text, &line, err) < 0)
		return -1;
	status = alloc_textf("%s: %s", fsm_status_name(line.status), line.message);
	const struct inspect_item items[] = { { "rollout", run->record.peers.rollout },
		{ "status", status } };
	inspect_items(items, sizeof items / sizeof *items, &results);
	return give(run, &results, err);
}

/* clang-format off */
static const struct juju_parameter rows[] = {
	{ "limit", JUJU_NUMBER, 1, STORE_JOURNAL_MAX, STORE_JOURNAL_MAX },
	{ 0 },
};

static const struct juju_parameter wish[] = {
	{ "channel",  JUJU_TEXT,   0, 0,         0 },
	{ "revision", JUJU_NUMBER, 0, INT32_MAX, JUJU_AS_CONFIGURED },
	{ 0 },
};

static const struct juju_parameter skip[] = {
	{ "skip", JUJU_TEXT, 0, 0, 0 },
	{ 0 },
};

/* charmcraft.yaml declares the same to Juju; without a row there is no action. */
static const struct action {
	const char *name;
	const struct juju_parameter *parameters; /* NULL: it takes none */
	int (*run)(struct run *run, const struct juju_value *values, struct error *err);
} actions[] = {
	{ "state",   NULL, run_state },
	{ "history", rows, run_history },
	{ "plan",    wish, run_plan },
	{ "refresh", NULL, run_order },
	{ "revert",  NULL, run_order },
	{ "restart", NULL, run_order },
	{ "retry",   NULL, run_order },
	{ "abort",   NULL, run_order },
	{ "resume-rollout", skip, run_resume },
};
/* clang-format on */

static int carry_out(struct run *run, struct error *err)
{
	struct juju_value values[JUJU_PARAMETERS_MAX];

	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		if (strcmp(actions[i].name, run->hook) != 0)
			continue;
		if (juju_action_get(actions[i].parameters, tool_time(run), values, err) < 0)
			return -1;
		return actions[i].run(run, values, err);
	}
	return error_set(err, ERROR_FORMAT,
		"this charm has no action '%s'; those it has: juju actions APPLICATION", run->hook);
}

int action_run(struct run *run, struct error *err)
{
	char reason[sizeof err->text];
	struct error why = { 0 };

	if (carry_out(run, &why) == 0)
		return 0;
	text_ascii(reason, sizeof reason, why.text);
	return juju_action_fail(reason, tool_time(run), err);
}
