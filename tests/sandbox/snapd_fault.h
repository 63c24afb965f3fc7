/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults that are set for the next requests, and requests that are carried out late.
 */
#ifndef TESTS_SANDBOX_SNAPD_FAULT_H
#define TESTS_SANDBOX_SNAPD_FAULT_H

#include "tests/sandbox/snapd_state.h"

enum sim_fault_mode {
	SIM_NO_FAULT,
	SIM_DROP_UNACTED, /* close without a byte; the request is not carried out */
	SIM_DROP_ACTED,   /* close without a byte; the request is carried out */
	SIM_ACT_LATE,     /* close at once; the request is carried out `ms` later */
	SIM_RESET,        /* close within the header */
	SIM_HANG,         /* no answer ever; the request is not carried out */
	SIM_DELAY,        /* carried out at once, answered `ms` later (real time) */
	SIM_EOF,          /* close within the body */
	SIM_DRIP,         /* a byte a second */
	SIM_HUGE,         /* the answer grows to `bytes` */
	SIM_RAW,          /* any answer: `status`, `type`, `body`; nothing is done */
	SIM_STATUS, /* an error of snapd: `status`, `kind`, `message`, `value`; nothing is done */
	SIM_KILL_CLIENT,  /* SIGKILL to the client, `when`: before, acted or answered */
	SIM_CHUNKED,      /* chunked, however short */
	SIM_EXTRA_FIELDS, /* unknown fields in every object */
	SIM_SHUFFLE,      /* every object in another order */
};

struct sim_fault {
	struct sim_fault *next;
	enum sim_fault_mode mode;
	long long times, skip;
	cJSON *json; /* the command that asked for it */
};

/* A request that will be carried out later. */
struct sim_late {
	struct sim_late *next;
	long long due;
	char *method, *target, *body;
};

/* Adds the fault of the control command JSON; -1 if the command is not valid. */
int sim_fault_add(struct sim *sim, const cJSON *json, struct error *err);

/*
 * Takes the fault for this request; RET gets its parameters, which the caller deletes. SIM_NO_FAULT
 * if there is none; RET is then not set.
 */
enum sim_fault_mode sim_fault_take(
	struct sim *sim, const char *method, const char *path, cJSON **ret);

void sim_late_add(
	struct sim *sim, long long due, const char *method, const char *target, const char *body);

/* The first request that is due by now; the caller carries it out and frees it. NULL = none. */
struct sim_late *sim_late_take(struct sim *sim);
void sim_late_free(struct sim_late *late);

void sim_faults_clear(struct sim *sim);

/* Changes an answer in place. */
void sim_mangle_extra(cJSON *json);
void sim_mangle_shuffle(struct sim *sim, cJSON *json);

#endif
