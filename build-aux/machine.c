/* SPDX-License-Identifier: Apache-2.0 */
/*
 * machine mermaid|tables|diagram: prints the state machine for the documentation, from the table
 * that the charm runs. `make docs` puts it into the pages.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "fsm/diagram.h"

static void put(const char *text, void *context)
{
	(void)fputs(text, context);
}

static void diagram(void (*out)(const char *text, void *context), void *context)
{
	fsm_diagram(FSM_STATE_COUNT, out, context);
}

static const struct {
	const char *name;
	void (*draw)(void (*out)(const char *text, void *context), void *context);
} forms[] = {
	{ "mermaid", fsm_mermaid },
	{ "tables", fsm_tables },
	{ "diagram", diagram },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof forms / sizeof forms[0]; i++) {
		if (strcmp(argv[1], forms[i].name) == 0) {
			forms[i].draw(put, stdout);
			return fflush(stdout) == 0 ? 0 : 1;
		}
	}
	(void)fputs("usage: machine mermaid|tables|diagram\n", stderr);
	return 2;
}
