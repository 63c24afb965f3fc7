/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of the port. open-port is a wish that Juju grants when the hook ends well. Whether it did,
 * only a later hook can see; until one has, the wish is repeated.
 */
#ifndef FSM_PORT_H
#define FSM_PORT_H

#include "fsm/hook.h"
#include "fsm/record.h"

enum fsm_port_step {
	FSM_PORT_DO_NOTHING,
	FSM_PORT_DO_LOOK, /* see whether it is open; when it is not, ask for it */
	FSM_PORT_DO_ASK,
};

/* clang-format off */
/*           port   in any hook  in one that checks */
#define FSM_PORT_STEPS(ON) \
	ON(NONE,  ASK,         ASK)  \
	ON(ASKED, LOOK,        LOOK) \
	ON(OPEN,  NOTHING,     LOOK) \
	ON(TAKEN, ASK,         ASK)

/*           what Juju said  the port is then */
#define FSM_PORT_ANSWERS(ON) \
	ON(SHOWN,          OPEN)  \
	ON(GRANTED,        ASKED) \
	ON(CONFLICT,       TAKEN)

#define FSM_PORT_ANSWER_(name, port) FSM_PORT_ANSWER_##name,
/* clang-format on */

enum fsm_port_answer {
	FSM_PORT_ANSWERS(FSM_PORT_ANSWER_) FSM_PORT_ANSWER_COUNT
};

/* What is to be done about the port in HOOK; nothing in a unit that goes. */
enum fsm_port_step fsm_port_step(const struct fsm_record *record, enum fsm_hook hook);

/* The port after Juju's ANSWER. */
enum fsm_port fsm_port_after(enum fsm_port_answer answer);

#endif
