/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pictures and the page: each state, edge and row of the table is in them, and nothing else.
 * (build-aux/check-docs holds the pages in the tree against what is printed.)
 */
#include <stdbool.h>
#include <stdio.h>

#include "fsm/diagram.h"
#include "fsm/names.h"
#include "tests/fsm_kit.h"

static char text[32 * 1024];

static void put(const char *piece, void *context)
{
	char *end = context;

	ck_assert_uint_lt(strlen(end) + strlen(piece), sizeof text);
	strcat(end, piece);
}

static int count(const char *needle)
{
	int ret = 0;

	for (const char *at = text; (at = strstr(at, needle)); at += strlen(needle))
		ret++;
	return ret;
}

static bool leads(enum fsm_state from, enum fsm_state to)
{
	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++)
		if (fsm_step(from, event).state == to)
			return true;
	return false;
}

/* "event" or "event / effect" */
static const char *action(enum fsm_state from, enum fsm_event event, char ret[64])
{
	struct fsm_step step = fsm_step(from, event);
	bool idle = step.effect == FSM_DO_NOTHING;

	(void)snprintf(ret, 64, "%s%s%s", fsm_event_name(event), idle ? "" : " / ",
		idle ? "" : fsm_effect_name(step.effect));
	return ret;
}

/*
 * The lines that start with "FROM ARROW TO" and OPEN are as many as there are edges, and each holds
 * its actions, whole ones between separators. OTHERS: arrows that are none of the table's.
 */
static void must_hold_every_edge(
	const char *arrow, const char *open, const char *separator, const char *close, int others)
{
	int edges = 0;

	for (enum fsm_state from = 0; from < FSM_STATE_COUNT; from++) {
		for (enum fsm_state to = 0; to < FSM_STATE_COUNT; to++) {
			char line[1024], word[64];
			bool any = false;

			(void)snprintf(line, sizeof line, "%s %s %s%s", fsm_state_name(from), arrow,
				fsm_state_name(to), open);
			ck_assert_int_eq(count(line), leads(from, to));
			if (!leads(from, to))
				continue;
			edges++;
			for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++) {
				if (fsm_step(from, event).state != to)
					continue;
				strcat(line, any ? separator : "");
				strcat(line, action(from, event, word));
				any = true;
			}
			strcat(line, close);
			ck_assert_int_eq(count(line), 1);
		}
	}
	ck_assert_int_gt(edges, FSM_STATE_COUNT);
	ck_assert_int_eq(count(arrow), edges + others);
}

static void must_be_balanced(void)
{
	ck_assert_int_eq(count("{"), count("}"));
	ck_assert_int_eq(count("["), count("]"));
	ck_assert_int_eq(count("\"") % 2, 0);
	ck_assert_int_eq(count("`") % 2, 0);
}

START_TEST(graph_shows_every_state_and_edge)
{
	fsm_diagram(FSM_STATE_COUNT, put, text);
	must_be_balanced();
	ck_assert_int_eq(strncmp(text, "digraph ", 8), 0);
	ck_assert_str_eq(text + strlen(text) - 2, "}\n");
	for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++) {
		char node[64];

		(void)snprintf(node, sizeof node, "\n\t%s;\n", fsm_state_name(state));
		ck_assert_int_eq(count(node), 1);
	}
	must_hold_every_edge("->", " [label=\"", "\\n", "\"];\n", 0);
}
END_TEST

START_TEST(graph_marks_the_state_where_the_unit_is)
{
	char node[64];

	fsm_diagram((enum fsm_state)_i, put, text);
	must_be_balanced();
	(void)snprintf(node, sizeof node, "\n\t%s [style=", fsm_state_name((enum fsm_state)_i));
	ck_assert_int_eq(count(node), 1);
	ck_assert_int_eq(count("fillcolor"), 1);
}
END_TEST

START_TEST(graph_without_a_unit_marks_nothing)
{
	fsm_diagram(FSM_STATE_COUNT, put, text);
	ck_assert_int_eq(count("fillcolor"), 0);
}
END_TEST

START_TEST(mermaid_shows_every_state_and_edge)
{
	fsm_mermaid(put, text);
	must_be_balanced();
	ck_assert_int_eq(strncmp(text, "```mermaid\nstateDiagram-v2\n", 27), 0);
	ck_assert_str_eq(text + strlen(text) - 5, "\n```\n");
	ck_assert_int_eq(count("```"), 2);
	ck_assert_int_eq(count("[*] --> uninstalled\n"), 1);
	must_hold_every_edge("-->", " : ", "<br/>", "\n", 1);
}
END_TEST

static void must_list(const char *name, const char *meaning)
{
	char line[512];

	(void)snprintf(line, sizeof line, "| `%s` | %s |\n", name, meaning);
	ck_assert_int_eq(count(line), 1);
}

START_TEST(page_lists_everything_once)
{
	fsm_tables(put, text);
	must_be_balanced();
	for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++)
		must_list(fsm_state_name(state), fsm_state_meaning(state));
	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++)
		must_list(fsm_event_name(event), fsm_event_meaning(event));
	for (enum fsm_effect effect = 0; effect < FSM_DO_COUNT; effect++)
		must_list(fsm_effect_name(effect), fsm_effect_meaning(effect));
}
END_TEST

START_TEST(page_shows_every_row_of_the_table)
{
	fsm_tables(put, text);
	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++) {
		char line[512];
		size_t used =
			(size_t)snprintf(line, sizeof line, "\n| `%s` |", fsm_event_name(event));

		for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++) {
			struct fsm_step step = fsm_step(state, event);
			bool idle = step.effect == FSM_DO_NOTHING;

			used += (size_t)snprintf(line + used, sizeof line - used, " → `%s`%s%s |",
				fsm_state_name(step.state), idle ? "" : ", ",
				idle ? "" : fsm_effect_name(step.effect));
		}
		(void)snprintf(line + used, sizeof line - used, "\n");
		ck_assert_int_eq(count(line), 1);
	}
}
END_TEST

/* A row with a cell too many or too few is shown as no table at all. */
START_TEST(tables_have_as_many_cells_as_their_heads)
{
	int cells = 0;

	fsm_tables(put, text);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		int bars = 0;

		for (const char *at = line; *at; at++)
			bars += *at == '|';
		if (bars > 0 && cells > 0)
			ck_assert_int_eq(bars, cells);
		cells = bars;
	}
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("diagram");

	tcase_add_test(tests, graph_shows_every_state_and_edge);
	tcase_add_loop_test(tests, graph_marks_the_state_where_the_unit_is, 0, FSM_STATE_COUNT);
	tcase_add_test(tests, graph_without_a_unit_marks_nothing);
	tcase_add_test(tests, mermaid_shows_every_state_and_edge);
	tcase_add_test(tests, page_lists_everything_once);
	tcase_add_test(tests, page_shows_every_row_of_the_table);
	tcase_add_test(tests, tables_have_as_many_cells_as_their_heads);
	return kit_run(tests, "diagram");
}
