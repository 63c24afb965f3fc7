/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/diagram.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "fsm/names.h"

static void say(void (*put)(const char *text, void *context), void *context, const char *format,
	...) __attribute__((format(printf, 3, 4)));

static void say(
	void (*put)(const char *text, void *context), void *context, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	put(text, context);
}

/* The events that lead from one state to the other, with what is done, one label. */
static bool label(enum fsm_state from, enum fsm_state to, const char *between,
	void (*put)(const char *text, void *context), void *context)
{
	bool any = false;

	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++) {
		struct fsm_step step = fsm_step(from, event);

		if (step.state != to)
			continue;
		say(put, context, "%s%s", any ? between : "", fsm_event_name(event));
		if (step.effect != FSM_DO_NOTHING)
			say(put, context, " / %s", fsm_effect_name(step.effect));
		any = true;
	}
	return any;
}

static bool leads(enum fsm_state from, enum fsm_state to)
{
	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++)
		if (fsm_step(from, event).state == to)
			return true;
	return false;
}

void fsm_diagram(enum fsm_state here, void (*put)(const char *text, void *context), void *context)
{
	put("digraph \"microsample-vm\" {\n\trankdir=LR;\n"
	    "\tnode [shape=box style=rounded fontname=\"sans-serif\"];\n"
	    "\tedge [fontname=\"sans-serif\" fontsize=10];\n",
		context);
	for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++)
		say(put, context, "\t%s%s;\n", fsm_state_name(state),
			state == here ? " [style=\"rounded,filled\" fillcolor=gold penwidth=2]"
				      : "");
	for (enum fsm_state from = 0; from < FSM_STATE_COUNT; from++) {
		for (enum fsm_state to = 0; to < FSM_STATE_COUNT; to++) {
			if (!leads(from, to))
				continue;
			say(put, context, "\t%s -> %s [label=\"", fsm_state_name(from),
				fsm_state_name(to));
			label(from, to, "\\n", put, context);
			put("\"];\n", context);
		}
	}
	put("}\n", context);
}

void fsm_mermaid(void (*put)(const char *text, void *context), void *context)
{
	put("```mermaid\nstateDiagram-v2\n    direction LR\n", context);
	say(put, context, "    [*] --> %s\n", fsm_state_name(FSM_STATE_UNINSTALLED));
	for (enum fsm_state from = 0; from < FSM_STATE_COUNT; from++) {
		for (enum fsm_state to = 0; to < FSM_STATE_COUNT; to++) {
			if (!leads(from, to))
				continue;
			say(put, context, "    %s --> %s : ", fsm_state_name(from),
				fsm_state_name(to));
			label(from, to, "<br/>", put, context);
			put("\n", context);
		}
	}
	put("```\n", context);
}

void fsm_tables(void (*put)(const char *text, void *context), void *context)
{
	put("### States\n\n| state | meaning |\n|---|---|\n", context);
	for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++)
		say(put, context, "| `%s` | %s |\n", fsm_state_name(state),
			fsm_state_meaning(state));
	put("\n### Events, the first that holds\n\n| | event | fact |\n|---|---|---|\n", context);
	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++)
		say(put, context, "| %d | `%s` | %s |\n", (int)event + 1, fsm_event_name(event),
			fsm_event_meaning(event));
	put("\n### Effects\n\n| effect | what is done |\n|---|---|\n", context);
	for (enum fsm_effect effect = 0; effect < FSM_DO_COUNT; effect++)
		say(put, context, "| `%s` | %s |\n", fsm_effect_name(effect),
			fsm_effect_meaning(effect));
	put("\n### The table\n\n| on |", context);
	for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++)
		say(put, context, " in `%s` |", fsm_state_name(state));
	put("\n|---|---|---|---|---|\n", context);
	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++) {
		say(put, context, "| `%s` |", fsm_event_name(event));
		for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++) {
			struct fsm_step step = fsm_step(state, event);

			say(put, context, " → `%s`", fsm_state_name(step.state));
			if (step.effect != FSM_DO_NOTHING)
				say(put, context, ", %s", fsm_effect_name(step.effect));
			put(" |", context);
		}
		put("\n", context);
	}
}
