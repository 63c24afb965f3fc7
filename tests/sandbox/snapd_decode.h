/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decodes the body of a POST, with the error messages of Go.
 */
#ifndef TESTS_SANDBOX_SNAPD_DECODE_H
#define TESTS_SANDBOX_SNAPD_DECODE_H

#include "tests/sandbox/snapd_api.h"

/* What a POST to a snap asks for. */
struct sim_instruction {
	char action[64];
	char channel[512];
	char revision[32];
	char time[64], level[32];
	bool classic, devmode, jailmode, amend, purge;
};

/* -1 with ANSWER set when it cannot be decoded, or holds what no action allows. */
int sim_instruction_read(
	const struct sim_request *request, struct sim_instruction *ret, struct sim_answer *answer);

/*
 * The body as an object, which the caller owns. If it is not an object, NULL with ANSWER set: WHAT
 * it was to be decoded into, and TYPE, Go's name for that.
 */
cJSON *sim_body(const struct sim_request *request, const char *what, const char *type,
	struct sim_answer *answer);

#endif
