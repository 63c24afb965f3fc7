/* SPDX-License-Identifier: Apache-2.0 */
/* The tables as a page of Markdown. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fsm/diagram.h"
#include "fsm/failure.h"
#include "fsm/marker.h"
#include "fsm/names.h"
#include "fsm/request.h"
#include "fsm/rules.h"

/* Where the text goes. */
struct page {
	void (*put)(const char *text, void *context);
	void *context;
};

static void say(const struct page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(const struct page *page, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	page->put(text, page->context);
}

/* NAME in small letters, with dashes. */
static void say_name(const struct page *page, const char *name)
{
	char text[32];
	size_t i = 0;

	for (; name[i] && i + 1 < sizeof text; i++)
		text[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + 'a' - 'A')
			  : name[i] == '_'                 ? '-'
							   : name[i];
	text[i] = '\0';
	say(page, "`%s`", text);
}

static void say_bits(const struct page *page, uint64_t bits)
{
	const char *comma = "";

	for (unsigned i = 0; i < FSM_BIT_COUNT; i++) {
		if (!(bits & UINT64_C(1) << i))
			continue;
		say(page, "%s", comma);
		say_name(page, fsm_bit_name(i));
		comma = ", ";
	}
}

/* In a table of Markdown a bar is written \|. */
static void say_cell(const struct page *page, const char *text)
{
	for (const char *bar; (bar = strchr(text, '|')); text = bar + 1)
		say(page, "%.*s\\|", (int)(bar - text), text);
	say(page, "%s", text);
}

static const char *reason_name(unsigned reason)
{
	if (reason == FSM_REASON_KEPT)
		return "as before";
	if (reason == FSM_REASON_REMEMBERED)
		return "that of the failure";
	return fsm_reason_name((enum fsm_reason)reason);
}

static void say_rules(const struct page *page)
{
	say(page, "### Bits: what a look and the record say\n\n| bit | holds when |\n|---|---|\n");
	for (unsigned i = 0; i < FSM_BIT_COUNT; i++) {
		say(page, "| ");
		say_name(page, fsm_bit_name(i));
		say(page, " | %s |\n", fsm_bit_meaning(i));
	}
	say(page, "\n### Rules: the first row that holds gives event and reason\n\n"
		  "| | event | when all of | unless any of | reason |\n|---|---|---|---|---|\n");
	for (unsigned i = 0; i < FSM_RULE_COUNT; i++) {
		const struct fsm_rule *rule = &fsm_rules[i];

		say(page, "| %u | `%s` | ", i + 1, fsm_event_name(rule->event));
		say_bits(page, rule->when);
		say(page, " | ");
		say_bits(page, rule->unless);
		say(page, " | %s |\n", reason_name(rule->reason));
	}
}

static void say_words(const struct page *page)
{
	say(page, "\n### States\n\n| state | meaning |\n|---|---|\n");
	for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++)
		say(page, "| `%s` | %s |\n", fsm_state_name(state), fsm_state_meaning(state));
	say(page, "\n### Events\n\n| event | fact |\n|---|---|\n");
	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++)
		say(page, "| `%s` | %s |\n", fsm_event_name(event), fsm_event_meaning(event));
	say(page, "\n### Effects\n\n| effect | what is done |\n|---|---|\n");
	for (enum fsm_effect effect = 0; effect < FSM_DO_COUNT; effect++)
		say(page, "| `%s` | %s |\n", fsm_effect_name(effect), fsm_effect_meaning(effect));
}

static void say_transitions(const struct page *page)
{
	static const char *const ends[] = {
		[FSM_REQUEST_STAYS] = "stays",
		[FSM_REQUEST_OVER] = "is over",
		[FSM_REQUEST_MET] = "is met",
		[FSM_REQUEST_NOTED] = "is noted as a failure",
		[FSM_REQUEST_SPOILT] = "is spoilt: a rollback is ordered",
	};

	say(page, "\n### Transitions\n\n| in | on | go to | and do | the request |\n"
		  "|---|---|---|---|---|\n");
	for (unsigned i = 0; i < fsm_transition_count; i++) {
		const struct fsm_transition *row = &fsm_transitions[i];
		bool any = row->in == FSM_STATE_COUNT;

		say(page, "| %s%s%s | `%s` | `%s` | %s | %s |\n", any ? "" : "`",
			any ? "any" : fsm_state_name((enum fsm_state)row->in), any ? "" : "`",
			fsm_event_name(row->on), fsm_state_name(row->step.state),
			fsm_effect_name(row->step.effect), ends[row->step.request]);
	}
}

static const char *const owners[] = {
	[FSM_OWNER_AS_BEFORE] = "as before",
	[FSM_OWNER_US] = "this charm's",
	[FSM_OWNER_FIRST] = "this charm's if it was not there before",
	[FSM_OWNER_NOBODY] = "not this charm's",
};

static void say_markers(const struct page *page)
{
#define MARKER(name, owner, meaning) { #name, meaning, FSM_OWNER_##owner },
	static const struct {
		const char *name, *meaning;
		enum fsm_owner owner;
	} rows[] = { FSM_MARKERS(MARKER) };
#undef MARKER

	say(page,
		"\n### The marker in the snap's data\n\n| marker | what is there | the snap is |\n"
		"|---|---|---|\n");
	for (size_t i = 0; i < FSM_MARKER_COUNT; i++) {
		say(page, "| ");
		say_name(page, rows[i].name);
		say(page, " | %s | %s |\n", rows[i].meaning, owners[rows[i].owner]);
	}
}

static void say_requests(const struct page *page)
{
	say(page, "\n### Operations of snapd\n\n| operation | kind of change | names a channel | "
		  "a try counts | starts services | may land for | the snap when done | the snap "
		  "when forgotten |\n"
		  "|---|---|---|---|---|---|---|---|\n");
	for (enum fsm_op op = FSM_OP_NONE + 1; op < FSM_OP_COUNT; op++) {
		const struct fsm_op_row *row = fsm_op_row(op);

		say(page, "| `%s` | %s | %s | when it %s | %s | %d s | %s | %s |\n",
			fsm_op_name(op), row->kind, row->channel ? "yes" : "no",
			row->counts ? "is asked" : "has failed", row->starts ? "yes" : "no",
			row->lands, owners[row->done], owners[row->forgotten]);
	}
	say(page, "\n### The life of a request\n\n| phase | what was seen | written when it is "
		  "needed "
		  "| written when not |\n|---|---|---|---|\n");
	for (enum fsm_phase phase = FSM_PHASE_NONE + 1; phase < FSM_PHASE_COUNT; phase++)
		for (enum fsm_sight sight = 0; sight < FSM_SIGHT_COUNT; sight++) {
			enum fsm_write needed = fsm_life(phase, sight, true);
			enum fsm_write otherwise = fsm_life(phase, sight, false);
			bool goes_on = (phase == FSM_PHASE_ASKED && sight == FSM_SIGHT_FRESH) ||
				       (phase == FSM_PHASE_KNOWN && sight == FSM_SIGHT_RUNNING);

			if (needed == FSM_WRITE_NOTHING && !goes_on)
				continue;
			say(page, "| `%s` | %s | %s | %s |\n", fsm_phase_name(phase),
				fsm_sight_meaning(sight), fsm_write_meaning(needed),
				fsm_write_meaning(otherwise));
		}
}

/* A hindrance that ends with a detail is cut before it. */
static void say_orders(const struct page *page)
{
#define HINDRANCE(name, orders, text) { orders, text },
	static const struct {
		unsigned orders;
		const char *text;
	} rows[FSM_HINDRANCE_COUNT] = { FSM_HINDRANCES(HINDRANCE) };
#undef HINDRANCE

	say(page, "\n### Orders of a person\n\n| order | effect |\n|---|---|\n");
	for (enum fsm_order order = FSM_ORDER_NONE + 1; order < FSM_ORDER_COUNT; order++)
		say(page, "| `%s` | %s |\n", fsm_order_name(order),
			fsm_effect_name(fsm_order_effect(order)));
	say(page, "\n### What hinders an order: the first that holds is told\n\n"
		  "| what is told | orders |\n|---|---|\n");
	for (enum fsm_hindrance i = 0; i < FSM_HINDRANCE_COUNT; i++) {
		const char *text = rows[i].text, *comma = "";
		size_t keep = strlen(text);

		keep -= keep > 2 && strcmp(text + keep - 2, ": ") == 0 ? 2 : 0;
		say(page, "| %.*s | ", (int)keep, text);
		for (enum fsm_order order = FSM_ORDER_NONE + 1; order < FSM_ORDER_COUNT; order++) {
			if (!(rows[i].orders & 1u << order))
				continue;
			say(page, "%s`%s`", comma, fsm_order_name(order));
			comma = ", ";
		}
		say(page, " |\n");
	}
}

static void say_reasons(const struct page *page)
{
	say(page, "\n### Reasons\n\n| reason | a failure for it is | Juju shows | meaning |\n"
		  "|---|---|---|---|\n");
	for (enum fsm_reason reason = 0; reason < FSM_REASON_COUNT; reason++) {
		const struct fsm_reason_row *row = fsm_reason_row(reason);

		say(page, "| `%s` | %s | %s | ", fsm_reason_name(reason),
			row->class == FSM_CLASS_NONE ? "" : fsm_class_name(row->class),
			fsm_status_name(row->status));
		say_cell(page, row->meaning);
		say(page, " |\n");
	}
}

static void say_pauses(const struct page *page)
{
	say(page, "| class | 2nd | 3rd | 4th | 5th | later | a person's hook asks at once | "
		  "blocked after |\n"
		  "|---|---|---|---|---|---|---|---|\n");
	for (enum fsm_class class = FSM_CLASS_NONE + 1; class < FSM_CLASS_COUNT; class ++) {
		const struct fsm_class_row *row = fsm_class_row(class);

		say(page, "| `%s` |", fsm_class_name(class));
		for (size_t i = 0; i < FSM_PAUSES; i++)
			say(page, row->minutes[i] ? " %d |" : " each hook |", row->minutes[i]);
		say(page, " %s |", row->by_hand ? "yes" : "no");
		say(page, row->lasting ? " %d hours |\n" : " |\n", row->lasting);
	}
}

void fsm_tables(void (*put)(const char *text, void *context), void *context)
{
	const struct page page = { put, context };

	say_rules(&page);
	say_words(&page);
	say_transitions(&page);
	say_requests(&page);
	say_orders(&page);
	say_markers(&page);
	say_reasons(&page);
	say(&page, "\n### Failures: minutes until the next try\n\n");
	say_pauses(&page);
}

void fsm_pauses(void (*put)(const char *text, void *context), void *context)
{
	const struct page page = { put, context };

	say_pauses(&page);
}
