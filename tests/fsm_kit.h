/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of fsm/ begin with: a world in which nothing is to be done, a record that has
 * nothing to remember, and the two channels they speak of.
 */
#ifndef TESTS_FSM_KIT_H
#define TESTS_FSM_KIT_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "fsm/memory.h"
#include "tests/suite.h"

#define EDGE "latest/edge"
#define BETA "latest/beta"
#define UNIT "microsample/0"

#define COUNT(array) ((int)(sizeof array / sizeof *array))

enum {
	NOW = 1750000000, /* seconds since the epoch */
	MINUTE = 60,
	HOUR = 3600,
	DAY = 24 * HOUR,
};

/* update-status, edge is wanted, the snap runs from it. */
static inline struct fsm_facts kit_facts(void)
{
	return (struct fsm_facts){
		.now = NOW,
		.age = INT64_MAX,
		.option_valid = true,
		.option = "'edge'",
		.wanted = EDGE,
		.reachable = true,
		.seeded = true,
		.flight_kind = "",
		.fate_error = "",
		.present = true,
		.active = true,
		.tracking = EDGE,
		.revision = "7",
		.version = "1.2",
		.service_down = "",
	};
}

/* The same with no snap on the machine. */
static inline struct fsm_facts kit_bare(void)
{
	struct fsm_facts facts = kit_facts();

	facts.present = facts.active = false;
	facts.tracking = facts.revision = facts.version = "";
	return facts;
}

/* The same while snapd does not answer: nothing is known. */
static inline struct fsm_facts kit_away(void)
{
	struct fsm_facts facts = kit_bare();

	facts.reachable = facts.seeded = false;
	return facts;
}

/* Commits an intent at NOW, as a hook does before it asks. */
static inline void kit_intend(
	struct fsm_record *record, enum fsm_op op, const char *channel, int64_t now)
{
	struct fsm_asking asking = {
		.op = op,
		.channel = channel,
		.baseline = 40,
		.now = now,
		.uptime = 1000,
		.boot = "boot",
		.unit = UNIT,
	};

	fsm_intend(record, &asking);
}

/* One look: learn, classify, apply. */
static inline enum fsm_event kit_look(struct fsm_record *record, const struct fsm_facts *facts)
{
	enum fsm_event event;

	fsm_learn(record, facts);
	event = fsm_classify(record, facts);
	fsm_apply(record, event, facts);
	return event;
}

/* Runs one suite of one case. */
static inline int kit_run(TCase *tests, const char *name)
{
	Suite *suite = suite_create(name);

	suite_add_tcase(suite, tests);
	return run_suite(suite);
}

#endif
