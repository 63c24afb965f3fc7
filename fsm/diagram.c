/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/diagram.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "fsm/names.h"

/* clang-format off */
/* The arrows of the picture: the event that is one of those that lead there, and words for people. */
static const struct {
	enum fsm_state from;
	enum fsm_event on;
	const char *words;
} arrows[] = {
	{ FSM_STATE_UNINSTALLED, FSM_EVENT_ABSENT,  "install" },
	{ FSM_STATE_INSTALLING,  FSM_EVENT_SETTLED, "in place, and serves" },
	{ FSM_STATE_ACTIVE,      FSM_EVENT_ASTRAY,  "another channel, or moved away" },
	{ FSM_STATE_INSTALLING,  FSM_EVENT_REFUSED, "a person has to act" },
	{ FSM_STATE_BLOCKED,     FSM_EVENT_BUSY,    "mended, goes on" },
	{ FSM_STATE_ACTIVE,      FSM_EVENT_DOWN,    "serves no more" },
	{ FSM_STATE_BLOCKED,     FSM_EVENT_SETTLED, "serves again" },
	{ FSM_STATE_INSTALLING,  FSM_EVENT_RETIRED, "removed" },
};
/* clang-format on */

enum {
	ARROWS = sizeof arrows / sizeof *arrows,
};

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

static const char *head_of(size_t arrow)
{
	return fsm_state_name(fsm_step(arrows[arrow].from, arrows[arrow].on).state);
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
	for (size_t i = 0; i < ARROWS; i++)
		say(put, context, "\t%s -> %s [label=\"%s\"];\n", fsm_state_name(arrows[i].from),
			head_of(i), arrows[i].words);
	put("}\n", context);
}

void fsm_mermaid(void (*put)(const char *text, void *context), void *context)
{
	put("```mermaid\nstateDiagram-v2\n    direction LR\n", context);
	say(put, context, "    [*] --> %s\n", fsm_state_name(FSM_STATE_UNINSTALLED));
	for (size_t i = 0; i < ARROWS; i++)
		say(put, context, "    %s --> %s: %s\n", fsm_state_name(arrows[i].from), head_of(i),
			arrows[i].words);
	put("```\n", context);
}
