/* SPDX-License-Identifier: Apache-2.0 */
/* Bags as texts, so that a test of a rollout reads as Juju would show them: "turn-3=17 latest/edge out; ...". */
#ifndef TESTS_ROLLOUT_KIT_H
#define TESTS_ROLLOUT_KIT_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "fsm/names.h"
#include "fsm/rollout.h"
#include "tests/suite.h"

#define EDGE         "latest/edge"
#define BETA         "latest/beta"
#define COUNT(array) ((int)(sizeof array / sizeof *array))

enum {
	KIT_UNITS = 12,
	KIT_TEXT = 4000
};

/* Gives each KEY=VALUE of TEXT, which "; " separates, to NOTE or FLEET, whichever there is. */
static inline void kit_take(struct fsm_note *note, struct fsm_fleet *fleet, const char *text)
{
	char copy[KIT_TEXT], *rest = copy;

	ck_assert_uint_lt(strlen(text), sizeof copy);
	strcpy(copy, text);
	while (rest && *rest) {
		char *end = strstr(rest, "; "), *value = strchr(rest, '=');

		if (end)
			*end = '\0';
		ck_assert_ptr_nonnull(value);
		*value++ = '\0';
		if (note)
			fsm_note_take(note, rest, value);
		else
			fsm_fleet_take(fleet, rest, value);
		rest = end ? end + 2 : NULL;
	}
}

static inline struct fsm_note kit_note(const char *text)
{
	struct fsm_note note;

	fsm_note_init(&note);
	kit_take(&note, NULL, text);
	return note;
}

static inline void kit_fleet(
	struct fsm_fleet *fleet, struct fsm_seat *seats, unsigned room, const char *text)
{
	fsm_fleet_init(fleet, seats, room);
	kit_take(NULL, fleet, text);
}

static inline void kit_add(char *ret, const struct fsm_setting *setting)
{
	if (*ret)
		strcat(ret, "; ");
	strcat(ret, setting->key);
	strcat(ret, "=");
	strcat(ret, setting->value);
}

/* What is to be written of FLEET, in the order of the settings. */
static inline const char *kit_written(const struct fsm_fleet *fleet)
{
	static char text[KIT_TEXT];
	struct fsm_setting setting;
	unsigned at = 0;

	text[0] = '\0';
	while (fsm_fleet_setting(fleet, &at, &setting))
		kit_add(text, &setting);
	return text;
}

/* NOTE as settings. */
static inline const char *kit_noted(const struct fsm_note *note)
{
	static char text[KIT_TEXT];
	struct fsm_setting settings[2];

	text[0] = '\0';
	fsm_note_settings(note, settings);
	kit_add(text, &settings[0]);
	kit_add(text, &settings[1]);
	return text;
}

static inline int kit_run_all(TCase *tests, const char *name)
{
	Suite *suite = suite_create(name);

	suite_add_tcase(suite, tests);
	return run_suite(suite);
}

#endif
