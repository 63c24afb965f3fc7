/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders: what a person asks of one unit by an action, beyond what the options ask; and a rollback.
 *
 * An order is committed before it is carried out, one at a time, and only when nothing hinders it. It
 * ends at its first definite answer: what snapd refuses or fails to do is told to the person and never
 * tried again. A hook that finds an order which another left goes on with it.
 */
#ifndef FSM_ORDER_H
#define FSM_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/fsm.h"

struct fsm_record;
struct fsm_facts;
struct fsm_entry;

enum {
	FSM_DETAIL_MAX = 447,  /* free text that explains a reason, printable ASCII */
	FSM_ORDER_LASTS = 600, /* seconds for which one that was not sent is kept */
};

/* clang-format off */
/*
 * The effect of an order that is a request to snapd, which is kept until it ends. The other two are
 * done with the turn that takes them: RETRY forgets pauses and refused targets, ABORT aborts the
 * change of the snap in progress, and lets what it was for rest.
 */
#define FSM_ORDERS(ON) \
	ON(NONE,    "none",    NOTHING) \
	ON(REFRESH, "refresh", REFRESH) \
	ON(REVERT,  "revert",  REVERT) \
	ON(RESTART, "restart", RESTART) \
	ON(RETRY,   "retry",   NOTHING) \
	ON(ABORT,   "abort",   ABORT) \
	/* Nobody gives it: it follows when our own refresh has spoilt the snap. REVERT is its first step. */ \
	ON(ROLLBACK, "rollback", REVERT)

/* How an order stands after a turn, or an answer. */
#define FSM_ORDER_ENDS(ON) \
	ON(NONE,    "pending") /* there is none, or it has not ended */ \
	ON(REFUSED, "refused") /* it was not taken */ \
	ON(DONE,    "done") \
	ON(FAILED,  "failed") \
	ON(DROPPED, "dropped") /* it was given up, and nobody knows more */

#define FSM_ORDER_(name, text, effect) FSM_ORDER_##name,
#define FSM_ORDER_END_(name, text)     FSM_ORDER_END_##name,
/* clang-format on */

enum fsm_order {
	FSM_ORDERS(FSM_ORDER_) FSM_ORDER_COUNT
};
enum fsm_order_end {
	FSM_ORDER_ENDS(FSM_ORDER_END_) FSM_ORDER_END_COUNT
};

/* clang-format off */
#define FSM_ORDER_BIT_(name) (1u << FSM_ORDER_##name)
#define FSM_ORDERS_WORK (FSM_ORDER_BIT_(REFRESH) | FSM_ORDER_BIT_(REVERT) | FSM_ORDER_BIT_(RESTART))
#define FSM_ORDERS_MOVE (FSM_ORDER_BIT_(REFRESH) | FSM_ORDER_BIT_(REVERT))

/* What hinders an order: the first row that holds is told. The text is followed by a detail. */
/*           name           hinders                                   what is told */
#define FSM_HINDRANCES(ON) \
	ON(GOING,       ~0u,                                      "the unit is on its way out") \
	ON(BAD_OPTION,  FSM_ORDERS_WORK | FSM_ORDER_BIT_(RETRY),  "an option is not valid: ") \
	ON(SILENT,      FSM_ORDERS_WORK | FSM_ORDER_BIT_(ABORT),  "snapd gives no usable answer; see: systemctl status snapd") \
	ON(NO_CHANGE,   FSM_ORDER_BIT_(ABORT),                    "no change of the snap is in progress") \
	ON(ORDERED,     FSM_ORDERS_WORK,                          "another order is being carried out: ") \
	ON(IN_FLIGHT,   FSM_ORDERS_WORK,                          "a change of the snap is in progress: ") \
	ON(AT_WORK,     FSM_ORDERS_WORK,                          "the unit waits for the end of its own request: ") \
	ON(ABSENT,      FSM_ORDERS_WORK,                          "the snap is not installed") \
	ON(UNFIT,       FSM_ORDERS_WORK,                          "the snap is disabled, broken or a local build; see: snap list") \
	ON(OF_ANOTHER,  FSM_ORDERS_WORK,                          "another unit on this machine has the snap") \
	ON(UNLISTED,    FSM_ORDERS_WORK,                          "the register of this machine's units cannot be used: ") \
	ON(OF_RIVAL,    FSM_ORDERS_MOVE,                          "another application would not have the snap there: ") \
	ON(CONTESTED,   FSM_ORDERS_WORK,                          "somebody keeps moving the snap; make them agree, then run the action retry") \
	ON(SUPPLIED,    FSM_ORDERS_MOVE,                          "the resource snaps says which revision runs; attach another one") \
	ON(PINNED,      FSM_ORDERS_MOVE,                          "the option revision keeps the snap where it is; first: juju config APP revision=0") \
	ON(NO_WAY_BACK, FSM_ORDER_BIT_(REVERT),                   "no revision to revert to; snap list --all shows those on the disk") \
	ON(NO_SERVICE,  FSM_ORDER_BIT_(RESTART),                  "no service of the snap is enabled; see: snap services")

#define FSM_HINDRANCE_(name, orders, text) FSM_HINDRANCE_##name,
/* clang-format on */

enum fsm_hindrance {
	FSM_HINDRANCES(FSM_HINDRANCE_) FSM_HINDRANCE_COUNT
};

/* What became of an order in a turn: of which kind, and, once it has ended, how. */
struct fsm_order_news {
	enum fsm_order kind;
	enum fsm_order_end end;
	char text[FSM_DETAIL_MAX + 1]; /* why, and what to do; "" when there is nothing to say */
};

/* What ORDER, a valid one, asks of the machine once nothing comes before it. */
enum fsm_effect fsm_order_effect(enum fsm_order order);

/*
 * Whether something hinders ORDER, given in the look of FACTS, of the unit with RECORD, which has
 * learned from that look. TEXT gets what, FSM_DETAIL_MAX + 1 bytes.
 */
bool fsm_order_hindered(enum fsm_order order, const struct fsm_record *record,
	const struct fsm_facts *facts, char *text);

/* The entry of a unit that would not have the snap where ORDER, a revert to REVISION, moves it; NULL. */
const struct fsm_entry *fsm_order_rival(
	enum fsm_order order, int64_t revision, const struct fsm_facts *facts);

struct fsm_turn;

/* What becomes in TURN of an order that is there, and of one that FACTS give. */
void fsm_order_learn(struct fsm_turn *turn, const struct fsm_facts *facts);

/* Gives the order to roll back what the refresh on probation has spoilt. */
void fsm_order_rollback(struct fsm_record *record, const struct fsm_facts *facts);

/* The request in the record of TURN is over, and SIGHT (an enum fsm_sight) was seen of it: so is its order. */
void fsm_order_over(struct fsm_turn *turn, unsigned sight, const struct fsm_facts *facts);

/* snapd refused the request of the order in RECORD with WORDS; NEWEST: since there is nothing newer. */
void fsm_order_answered(
	struct fsm_record *record, bool newest, const char *words, struct fsm_order_news *news);

#endif
