/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of probation and rollback begin with: a unit that follows another channel, and what
 * became of that.
 */
#ifndef TESTS_PROBATION_KIT_H
#define TESTS_PROBATION_KIT_H

#include "fsm/probation.h"
#include "tests/fsm_kit.h"

#define DAEMON "microsample.daemon"

/* A machine on which edge has revision 7 and beta revision 9, and a unit that is to follow beta. */
struct world {
	struct fsm_record record;
	struct fsm_facts facts;
	struct fsm_turn turn;
};

static inline struct world begin(void)
{
	struct world world = { .record = { .ours = true }, .facts = kit_facts() };

	ck_assert_int_eq(kit_turn(&world.record, &world.facts).event, FSM_EVENT_SETTLED);
	world.facts.wanted = fsm_target_of(BETA);
	world.facts.rollback = true;
	world.facts.options = 1;
	return world;
}

static inline enum fsm_event look(struct world *world)
{
	world->turn = kit_turn(&world->record, &world->facts);
	return world->turn.event;
}

static inline void ask(struct world *world, enum fsm_op op)
{
	(void)look(world);
	ck_assert_int_eq(world->record.intent.op, op);
	ck_assert_int_eq(kit_accept(&world->record, &world->turn), FSM_WRITE_CHANGE);
}

/* The change of the request ended so; the look after it. */
static inline enum fsm_event ends(struct world *world, enum fsm_fate fate)
{
	world->facts.fate = fate;
	(void)look(world);
	world->facts.fate = FSM_FATE_NONE;
	return world->turn.event;
}

static inline void moved(struct world *world, const char *tracking, const char *revision)
{
	world->facts.tracking = tracking;
	world->facts.revision = revision;
}

/* Our refresh is asked and done, and the new revision runs. */
static inline struct world refreshed(void)
{
	struct world world = begin();

	ask(&world, FSM_OP_REFRESH);
	moved(&world, BETA, "9");
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_SETTLED);
	return world;
}

/* And has spoilt the snap, which was seen. */
static inline struct world spoilt(void)
{
	struct world world = refreshed();

	world.facts.probe = FSM_PROBE_MUTE;
	world.facts.mute = "HTTP 500";
	ck_assert_int_eq(look(&world), FSM_EVENT_SPOILT);
	return world;
}

static inline bool on_probation(const struct world *world)
{
	return fsm_on_probation(&world->record, &world->facts);
}

/* Nothing is asked for, and the order ended so. */
static inline void must_end(const struct world *world, enum fsm_order_end how, const char *text)
{
	ck_assert_int_eq(world->turn.news.kind, FSM_ORDER_ROLLBACK);
	ck_assert_int_eq(world->turn.news.end, how);
	ck_assert_str_eq(world->turn.news.text, text);
	ck_assert_int_eq(world->record.order.kind, FSM_ORDER_NONE);
	ck_assert_int_eq(world->record.intent.op, FSM_OP_NONE);
	ck_assert_str_eq(world->record.probation.revision, "");
}

/* What is well once more, and where it was before. */
static inline void went_back(struct world *world)
{
	moved(world, EDGE, "7");
	world->facts.probe = FSM_PROBE_ANSWERED;
	world->facts.serves = true;
	world->facts.channel = EDGE;
}

/* The whole way back from what spoilt() has left. */
static inline struct world rolled_back(void)
{
	struct world world = spoilt();

	ask(&world, FSM_OP_REVERT);
	went_back(&world);
	world.facts.tracking = BETA;
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_RETURNING);
	(void)kit_accept(&world.record, &world.turn);
	went_back(&world);
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_REFUSED);
	must_end(&world, FSM_ORDER_END_DONE, "HTTP 500");
	return world;
}

#endif
