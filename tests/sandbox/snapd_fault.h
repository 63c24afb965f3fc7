/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults to come: what goes wrong with the next requests, and the requests that are acted on late.
 */
#ifndef TESTS_SANDBOX_SNAPD_FAULT_H
#define TESTS_SANDBOX_SNAPD_FAULT_H

#include "tests/sandbox/snapd_state.h"

enum sim_fault_mode {
	SIM_NO_FAULT,
	SIM_DROP_UNACTED, /* close without a byte, nothing is done */
	SIM_DROP_ACTED,   /* close without a byte, it is done */
	SIM_ACT_LATE,     /* close at once, it is done `ms` later */
	SIM_RESET,        /* close within the header */
	SIM_HANG,         /* no answer ever, nothing is done */
	SIM_DELAY,        /* done at once, answered `ms` later (real time) */
	SIM_EOF,          /* close within the body */
	SIM_DRIP,         /* a byte a second */
	SIM_HUGE,         /* the answer grows to `bytes` */
	SIM_RAW,          /* any answer: `status`, `type`, `body`; nothing is done */
	SIM_STATUS, /* an error of snapd: `status`, `kind`, `message`, `value`; nothing is done */
	SIM_KILL_CLIENT,  /* SIGKILL to the client, `when`: before, acted or answered */
	SIM_CHUNKED,      /* chunked, however short */
	SIM_EXTRA_FIELDS, /* fields nobody knows in every object */
	SIM_SHUFFLE,      /* every object in another order */
};

struct sim_fault {
	struct sim_fault *next;
	enum sim_fault_mode mode;
	long long times, skip;
	cJSON *json; /* the command that asked for it */
};

/* A request whose time is still to come. */
struct sim_late {
	struct sim_late *next;
	long long due;
	char *method, *target, *body;
};

/* -1 when JSON, a control command, is not a good one. */
int sim_fault_add(struct sim *sim, const cJSON *json, struct error *err);

/*
 * The fault for this request, used up; its parameters in RET, which the caller deletes.
 * SIM_NO_FAULT when there is none, RET is then not set.
 */
enum sim_fault_mode sim_fault_take(
	struct sim *sim, const char *method, const char *path, cJSON **ret);

void sim_late_add(
	struct sim *sim, long long due, const char *method, const char *target, const char *body);

/* The first request that is due by now, for the caller to act on and free; NULL = none. */
struct sim_late *sim_late_take(struct sim *sim);
void sim_late_free(struct sim_late *late);

void sim_faults_clear(struct sim *sim);

/* Changes an answer in place. */
void sim_mangle_extra(cJSON *json);
void sim_mangle_shuffle(struct sim *sim, cJSON *json);

#endif
