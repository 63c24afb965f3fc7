/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/action.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "inspect/inspect.h"
#include "juju/action.h"

/* What an action is run for and with. */
struct order {
	const char *directory;
	int64_t limit;  /* of a hook tool */
	int64_t number; /* its parameter, 0 if it takes none */
};

/*
 * What `./state` shows, as results. Like that it takes no lock and changes nothing: it may run beside
 * a hook.
 */
static int show(const struct order *order, bool history, struct error *err)
{
	CLEANUP(inspect_close) struct inspect_view view = { 0 };
	CLEANUP(inspect_results_done) struct inspect_results results = { 0 };

	if (inspect_open(order->directory, &view, err) < 0 ||
		inspect_choose(&view, history, (size_t)order->number, err) < 0 ||
		inspect_results(&view, &results, err) < 0 ||
		juju_action_set(results.pairs, results.count, order->limit, err) < 0)
		return -1;
	return view.problems
		       ? error_set(err, ERROR_CORRUPT, "the database is damaged: see ./state check")
		       : 0;
}

static int run_state(const struct order *order, struct error *err)
{
	return show(order, false, err);
}

static int run_history(const struct order *order, struct error *err)
{
	return show(order, true, err);
}

static const struct juju_parameter rows = { "limit", 1, STORE_JOURNAL_MAX, STORE_JOURNAL_MAX };

/* clang-format off */
/* charmcraft.yaml declares the same to Juju; without a row there is no action. */
static const struct action {
	const char *name;
	const struct juju_parameter *parameter; /* NULL: it takes none */
	int (*run)(const struct order *order, struct error *err);
} actions[] = {
	{ "state",   NULL,   run_state },
	{ "history", &rows,  run_history },
};
/* clang-format on */

static int carry_out(const char *name, struct order *order, struct error *err)
{
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		if (strcmp(actions[i].name, name) != 0)
			continue;
		if (juju_action_get(actions[i].parameter, order->limit, &order->number, err) < 0)
			return -1;
		return actions[i].run(order, err);
	}
	return error_set(err, ERROR_FORMAT,
		"this charm has no action '%s'; those it has: juju actions APPLICATION", name);
}

int action_run(const char *name, const char *directory, int64_t limit, struct error *err)
{
	struct order order = { .directory = directory, .limit = limit };
	char reason[sizeof err->text];
	struct error why = { 0 };

	if (carry_out(name, &order, &why) == 0)
		return 0;
	text_ascii(reason, sizeof reason, why.text);
	return juju_action_fail(reason, limit, err);
}
