/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The endpoints: a request goes in, an answer comes out. Sockets are elsewhere.
 */
#ifndef TESTS_SANDBOX_SNAPD_API_H
#define TESTS_SANDBOX_SNAPD_API_H

#include "tests/sandbox/snapd_state.h"

struct sim_request {
	const char *method;
	const char *target; /* as sent: path and query */
	const char *body;   /* NUL-terminated */
	bool waited;        /* the store has been waited for */
	bool cancelled;     /* without result, because the server is being stopped */
};

struct sim_answer {
	int status;  /* 0: the store must be waited for first, ask again then */
	cJSON *json; /* the whole envelope, the caller's; NULL when status is 0 */
};

struct sim_answer sim_api(struct sim *sim, const struct sim_request *request);

/* Carries out the late requests that are due, and moves the changes on. */
void sim_api_catch_up(struct sim *sim);

/* Make envelopes, which take ownership of RESULT and VALUE. These may be NULL. */
struct sim_answer sim_sync(cJSON *result);
struct sim_answer sim_async(long long change);
struct sim_answer sim_error(int status, const char *kind, cJSON *value, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The part of TARGET before the '?'. Caller frees. */
char *sim_target_path(const char *target);

/* The parameter KEY of the query, decoded; "" when it is not there. RET holds SIZE bytes. */
void sim_target_parameter(const char *target, const char *key, char *ret, size_t size);

/* The reason phrase of an HTTP status. */
const char *sim_reason(int status);

#endif
