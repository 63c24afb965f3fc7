/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handles one complete request: carries it out, applies the fault that was set for it, and answers
 * it.
 */
#ifndef TESTS_SANDBOX_SNAPD_CALL_H
#define TESTS_SANDBOX_SNAPD_CALL_H

#include <microhttpd.h>
#include <pthread.h>

#include "tests/sandbox/snapd_fault.h"

struct sim_shared {
	struct sim *sim;
	pthread_mutex_t lock; /* held whenever sim is used */
	int stop;             /* readable when the server is to end */
	int waiting;          /* how many requests wait for the store */
};

struct sim_call {
	struct sim_shared *shared;
	struct MHD_Connection *connection;
	const char *method, *version, *target, *body;
	int fd;
	enum sim_fault_mode mode;
	cJSON *fault;   /* the parameters of the mode, or NULL */
	int status;     /* of the answer; 0 = none was given */
	long long came; /* when, in nanoseconds */
	bool cancelled; /* the server was stopped while the store was asked */
};

/* A request to the API. MHD_NO closes the connection as it is. The fields from mode on are 0. */
enum MHD_Result sim_call_api(struct sim_call *call);

/* Answers with JSON, and takes ownership of it. */
enum MHD_Result sim_call_answer(struct sim_call *call, int status, cJSON *json);

#endif
