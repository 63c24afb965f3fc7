/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One look at the world, in the machine's words.
 */
#ifndef FSM_FACTS_H
#define FSM_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/hook.h"
#include "fsm/marker.h"
#include "fsm/record.h"
#include "fsm/register.h"

enum fsm_flight { /* a change of the snap that is not final */
	FSM_FLIGHT_NONE,
	FSM_FLIGHT_OURS,
	FSM_FLIGHT_FOREIGN,
	FSM_FLIGHT_COUNT
};

/* What is known of the change that our request made (request.h has what follows from it). */
enum fsm_fate {
	FSM_FATE_NONE, /* no change of ours is known */
	FSM_FATE_RUNNING,
	FSM_FATE_DONE,
	FSM_FATE_EMPTY, /* Done, but aborted before it did anything */
	FSM_FATE_FAILED,
	FSM_FATE_FORGOTTEN, /* snapd does not know it any more: look at the snap instead */
	FSM_FATE_COUNT
};

enum fsm_source {           /* where the snap is to come from */
	FSM_SOURCE_STORE,   /* the Snap Store */
	FSM_SOURCE_FILE,    /* the resource: WANTED is a revision without a channel */
	FSM_SOURCE_BAD,     /* a resource that is of no use */
	FSM_SOURCE_UNKNOWN, /* the resource could not be read, and never was */
	FSM_SOURCE_COUNT
};

enum fsm_probe {       /* whether the workload answered when it was asked */
	FSM_PROBE_OFF, /* it was not asked */
	FSM_PROBE_ANSWERED,
	FSM_PROBE_MUTE,
	FSM_PROBE_COUNT
};

/* Texts are borrowed and never NULL, "" when there is none. */
struct fsm_facts {
	enum fsm_hook hook;
	bool first;       /* the first look of this run */
	bool asked;       /* a request was sent in this run */
	int64_t now;      /* seconds since the epoch */
	int64_t age;      /* seconds since the request was asked, INT64_MAX when before this boot */
	int64_t uptime;   /* seconds since boot */
	const char *boot; /* the id of the boot */

	bool option_valid;        /* all of them are */
	enum fsm_order order;     /* that a person gives, in the first look of an action */
	const char *option;       /* the bad options, as base/option.h writes them */
	struct fsm_target wanted; /* no target when an option is not valid */
	enum fsm_source source;
	const char *resource; /* why it is of no use, or cannot be read */
	bool probe_wanted;    /* by a health-path that is not the default one */
	bool rollback;        /* a refresh of ours that spoils the snap is to be undone */
	int64_t options;      /* a number that is another one when any other option is changed */
	bool hold_wanted;     /* by auto-refresh=false, or by a revision; false with a bad option */

	bool queued;    /* what it needs next would stop a service, and it has no turn for that */
	bool unrelated; /* the same, and there is no relation in which it could get one */

	enum fsm_marker marker; /* whose it says the snap is */

	const struct fsm_entry *others; /* of the other units on this machine that live */
	size_t others_count;
	const struct fsm_entry *own; /* what this unit has said of itself, NULL: nothing */
	const char *unlisted; /* why the register cannot be read or this unit not be entered; "" */

	bool no_snapd;    /* its socket is not there */
	bool reachable;   /* snapd answered; when false nothing below is known, but this: */
	const char *away; /* what is wrong with snapd otherwise than that it is silent */
	bool seeded;

	enum fsm_flight flight;
	const char *flight_kind; /* install-snap, auto-refresh, ... */
	struct fsm_pace pace;    /* of that change, as far as this run has seen it */
	int64_t shown;           /* the change that an unanswered request made, 0: none shows */
	enum fsm_fate fate;      /* of that change, or of the one that the record names */
	const char *fate_error;  /* why it failed */
	bool stopped;            /* the snap's services were stopped for it */
	int64_t fetched;         /* the revision that it leads to, 0 when that is not known */

	bool present;
	bool active; /* false for a disabled snap */
	bool broken;
	const char *damage; /* what snapd says of a broken one */
	bool local;
	const char *tracking; /* in full */
	const char *revision;
	const char *version;
	const char *channel;      /* that the revision came from, in full */
	bool serves;              /* a service of it runs */
	bool unserved;            /* it has services, and none of them is enabled */
	const char *service_down; /* an enabled service that does not run */
	const char *services;     /* all that are enabled, oneshots too */
	const char *health;       /* what the revision says of itself, when that is bad */
	enum fsm_probe probe;
	const char *mute;     /* what was seen in place of an answer: HTTP 500 */
	const char *asked_at; /* port and path: 8080/healthz */
	const char *hold;     /* until when it is held, as snapd shows it; "" for no hold */
	int64_t hold_until;   /* the same in seconds since the epoch */
	int holds; /* changes since the baseline of a hold request that held it or lifted a hold */
	int64_t before; /* with an order to revert: the revision to go back to, 0 for none */
	bool lost;      /* what ran before the refresh on probation is on the disk no more */
};

#endif
