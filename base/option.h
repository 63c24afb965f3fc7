/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of the charm, and how a bad value of one is written down: charmcraft.yaml declares just
 * these, juju/options.c reads them, and a status names one.
 */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include <stddef.h>

/* clang-format off */
/*            name in Juju    type       default  what is accepted */
#define OPTIONS(ON) \
	ON(CHANNEL,      "channel",      "string",  "edge",  "[track/]stable|candidate|beta|edge[/branch]") \
	ON(REVISION,     "revision",     "int",     "0",     "0 or the number of a revision") \
	ON(AUTO_REFRESH, "auto-refresh", "boolean", "true",  "true or false") \
	ON(HEALTH_PATH,  "health-path",  "string",  "/",     "a path like /healthz, or nothing") \
	ON(ROLLBACK,     "rollback",     "boolean", "false", "true or false") \
	ON(ROLLOUT_WIDTH, "rollout-width", "int",   "0",     "0 or a number of units") \
	ON(ROLLOUT_PAUSE, "rollout-pause", "string", "none", "none or first")

#define OPTION_(name, text, type, standard, accepted) OPTION_##name,
/* clang-format on */

enum option_id {
	OPTIONS(OPTION_) OPTION_COUNT
};

struct option_row {
	const char *name, *type, *standard, *accepted;
};

extern const struct option_row option_rows[OPTION_COUNT];

/*
 * A bad value is written `NAME VALUE` and what is wrong with it: `channel 'foo' has no risk`. VALUE is
 * a text in single quotes, in which \' is a quote and \\ a backslash, or a word, or something in
 * parentheses that stands for it.
 */

/* The option that TEXT begins with; OPTION_COUNT when it is none. */
enum option_id option_named(const char *text);

/* The bytes of the VALUE that TEXT begins with, quotes included. */
size_t option_value(const char *text);

/*
 * Writes the LENGTH bytes of VALUE to RET, SIZE bytes (8 at least) with the NUL. What is too long is
 * cut, ends in "..." and gets its closing quote again.
 */
void option_value_fit(char *ret, size_t size, const char *value, size_t length);

#endif
