/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP exchange over a unix socket, without a client library: for requests that no library
 * would send, and to see how an answer is framed.
 */
#ifndef TESTS_RECORDINGS_WIRE_H
#define TESTS_RECORDINGS_WIRE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

struct wire {
	/* "connect ECONNREFUSED", "recv EOF", ... if there was no complete answer; else NULL. */
	const char *failure;
	int status;
	char type[64];       /* Content-Type; "" is none */
	const char *framing; /* "length", "chunked" or "end" (of the connection) */
	char *body;          /* without its framing */
	cJSON *json;         /* the body, NULL if it is not JSON */
};

/* What else happens between the request and its answer. */
struct wire_meanwhile {
	void (*function)(void *data);
	void *data;
};

/*
 * Sends REQUEST: {"method", "path", "body"?, "type"? (Content-Type, null for none), "host"? (false
 * for none), "http"? ("1.0"), "twice"? (true: on the same connection; RET is the second answer, and
 * the first one has the same body)}, and waits at most LIMIT milliseconds for bytes; with 0 it
 * hangs up at once. MEANWHILE may be NULL. RET must be given to wire_done().
 */
void wire_ask(const char *socket, const cJSON *request, int limit,
	const struct wire_meanwhile *meanwhile, struct wire *ret);

void wire_done(struct wire *wire);

#endif
