/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pictures and the page: each state and each row of the tables is in them.
 * (build-aux/check-docs holds the pages in the tree against what is printed.)
 */
#include <stdbool.h>
#include <stdio.h>

#include "fsm/diagram.h"
#include "fsm/names.h"
#include "fsm/rules.h"
#include "tests/fsm_kit.h"

static char text[32 * 1024];

static void clear(void)
{
	text[0] = '\0';
}

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

/*
 * Between two states there is at most one arrow each way, with words, and only where the table leads
 * there. OPEN stands between the arrow and its words. Every state is at both ends of one.
 */
static void must_be_a_picture(const char *arrow, const char *open)
{
	int from_count[FSM_STATE_COUNT] = { 0 }, to_count[FSM_STATE_COUNT] = { 0 };

	for (enum fsm_state from = 0; from < FSM_STATE_COUNT; from++) {
		for (enum fsm_state to = 0; to < FSM_STATE_COUNT; to++) {
			char line[128];
			const char *words;

			(void)snprintf(line, sizeof line, "%s %s %s%s", fsm_state_name(from), arrow,
				fsm_state_name(to), open);
			ck_assert_int_le(count(line), from != to && leads(from, to));
			if (!(words = strstr(text, line)))
				continue;
			ck_assert_uint_gt(strcspn(words + strlen(line), "\"\n"), 3);
			from_count[from]++;
			to_count[to]++;
		}
	}
	for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++)
		ck_assert(from_count[state] > 0 && to_count[state] > 0);
}

static void must_be_balanced(void)
{
	ck_assert_int_eq(count("{"), count("}"));
	ck_assert_int_eq(count("["), count("]"));
	ck_assert_int_eq(count("\"") % 2, 0);
	ck_assert_int_eq(count("`") % 2, 0);
}

START_TEST(graph_shows_every_state)
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
	must_be_a_picture("->", " [label=\"");
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

START_TEST(mermaid_shows_every_state)
{
	fsm_mermaid(put, text);
	must_be_balanced();
	ck_assert_int_eq(strncmp(text, "```mermaid\nstateDiagram-v2\n", 27), 0);
	ck_assert_str_eq(text + strlen(text) - 5, "\n```\n");
	ck_assert_int_eq(count("```"), 2);
	ck_assert_int_eq(count("[*] --> uninstalled\n"), 1);
	must_be_a_picture("-->", ": ");
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

/* The lines of the table under the heading that begins with HEAD. */
static int rows_under(const char *head)
{
	const char *at = strstr(text, head);
	int rows = -2; /* the names and the line below them */

	ck_assert_ptr_nonnull(at);
	at = strstr(at, "\n| ");
	ck_assert_ptr_nonnull(at);
	for (; strncmp(at, "\n|", 2) == 0; at = strchr(at + 1, '\n'))
		rows++;
	return rows;
}

START_TEST(page_has_a_line_for_every_row)
{
	fsm_tables(put, text);
	ck_assert_int_eq(rows_under("### Bits"), FSM_BIT_COUNT);
	ck_assert_int_eq(rows_under("### Rules"), FSM_RULE_COUNT);
	ck_assert_int_eq(rows_under("### States"), FSM_STATE_COUNT);
	ck_assert_int_eq(rows_under("### Events"), FSM_EVENT_COUNT);
	ck_assert_int_eq(rows_under("### Effects"), FSM_DO_COUNT);
	ck_assert_int_eq(rows_under("### Transitions"), (int)fsm_transition_count);
	ck_assert_int_eq(rows_under("### Operations"), FSM_OP_COUNT - 1);
	ck_assert_int_eq(rows_under("### The life of a request"), 12);
	ck_assert_int_eq(rows_under("### Orders"), FSM_ORDER_COUNT - 1);
	ck_assert_int_eq(rows_under("### What hinders an order"), FSM_HINDRANCE_COUNT);
	ck_assert_int_eq(rows_under("### Reasons"), FSM_REASON_COUNT);
	ck_assert_int_eq(rows_under("### Failures"), FSM_CLASS_COUNT - 1);
	ck_assert_int_eq(count("| `busy` | `in-flight` |  | foreign-change |\n"), 1);
	ck_assert_int_eq(count("| any | `absent` | `installing` | install | stays |\n"), 1);
	ck_assert_int_eq(
		count("| `install` | install-snap | yes | when it is asked | yes | 90 s |"), 1);
	ck_assert_int_eq(count("| `hold` | hold-snap | no | when it has failed | no | 45 s |"), 1);
	ck_assert_int_eq(count("| `retry` | nothing |\n| `abort` | abort |\n"), 1);
	ck_assert_int_eq(count("| no change of the snap is in progress | `abort` |\n"), 1);
	ck_assert_int_eq(
		count("| an option is not valid | `refresh`, `revert`, `restart`, `retry` |\n"), 1);
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
			bars += *at == '|' && (at == line || at[-1] != '\\');
		if (bars > 0 && cells > 0)
			ck_assert_int_eq(bars, cells);
		cells = bars;
	}
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("diagram");

	tcase_add_checked_fixture(tests, clear, NULL);
	tcase_add_test(tests, graph_shows_every_state);
	tcase_add_loop_test(tests, graph_marks_the_state_where_the_unit_is, 0, FSM_STATE_COUNT);
	tcase_add_test(tests, graph_without_a_unit_marks_nothing);
	tcase_add_test(tests, mermaid_shows_every_state);
	tcase_add_test(tests, page_lists_everything_once);
	tcase_add_test(tests, page_has_a_line_for_every_row);
	tcase_add_test(tests, tables_have_as_many_cells_as_their_heads);
	return kit_run(tests, "diagram");
}
