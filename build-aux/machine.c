/* SPDX-License-Identifier: Apache-2.0 */
/*
 * machine FORM: prints the state machine for the documentation, from the table
 * that the charm runs. `make docs` puts it into the pages.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/option.h"
#include "fsm/columns.h"
#include "fsm/diagram.h"

static void put(const char *text, void *context)
{
	(void)fputs(text, context);
}

static void diagram(void (*out)(const char *text, void *context), void *context)
{
	fsm_diagram(FSM_STATE_COUNT, out, context);
}

static void put_line(const char *text, void (*out)(const char *, void *), void *context)
{
	if (!*text)
		return;
	out(text, context);
	out("\n", context);
}

static void reasons(void (*out)(const char *text, void *context), void *context)
{
	for (enum fsm_reason reason = 0; reason < FSM_REASON_COUNT; reason++)
		put_line(fsm_reason_name(reason), out, context);
}

static void messages(void (*out)(const char *text, void *context), void *context)
{
	for (enum fsm_reason reason = 0; reason < FSM_REASON_COUNT; reason++)
		put_line(fsm_reason_row(reason)->message, out, context);
}

static void members(void (*out)(const char *text, void *context), void *context)
{
	for (size_t i = 0; i < FSM_COLUMN_COUNT; i++) {
		put_line(fsm_columns[i].part, out, context);
		put_line(fsm_columns[i].key, out, context);
	}
}

static void options(void (*out)(const char *text, void *context), void *context)
{
	for (enum option_id id = 0; id < OPTION_COUNT; id++) {
		const struct option_row *row = &option_rows[id];
		char line[256];

		(void)snprintf(line, sizeof line, "%s\t%s\t%s\t%s", row->name, row->type,
			row->standard, row->accepted);
		put_line(line, out, context);
	}
}

static const struct {
	const char *name;
	void (*draw)(void (*out)(const char *text, void *context), void *context);
} forms[] = {
	{ "mermaid", fsm_mermaid },
	{ "tables", fsm_tables },
	{ "pauses", fsm_pauses },
	{ "diagram", diagram },
	{ "reasons", reasons },
	{ "messages", messages },
	{ "members", members },
	{ "options", options },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof forms / sizeof forms[0]; i++) {
		if (strcmp(argv[1], forms[i].name) == 0) {
			forms[i].draw(put, stdout);
			return fflush(stdout) == 0 ? 0 : 1;
		}
	}
	(void)fputs(
		"usage: machine mermaid|tables|pauses|diagram|reasons|messages|members|options\n",
		stderr);
	return 2;
}
