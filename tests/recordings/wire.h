/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP exchange over a unix socket, byte by byte: for requests that no client library would
 * send, and for looking at how an answer is framed.
 */
#ifndef TESTS_RECORDINGS_WIRE_H
#define TESTS_RECORDINGS_WIRE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

struct wire {
	/* "connect ECONNREFUSED", "recv EOF", ...: there was no whole answer; else NULL. */
	const char *failure;
	int status;
	char type[64];       /* Content-Type; "" is none */
	const char *framing; /* "length", "chunked" or "end" (of the connection) */
	char *body;          /* without its framing */
	cJSON *json;         /* the body, NULL when it is none */
};

/* What else happens, and when: between the request and its answer. */
struct wire_meanwhile {
	void (*function)(void *data);
	void *data;
};

/*
 * Sends REQUEST: {"method", "path", "body"?, "type"? (Content-Type, null for none), "host"? (false
 * for none), "http"? ("1.0"), "twice"? (true: on the same connection; RET is the second answer,
 * and the first one has the same body)}, and waits at most LIMIT milliseconds for bytes; with 0 it hangs up
 * at once. MEANWHILE may be NULL. RET must be given to wire_done().
 */
void wire_ask(const char *socket, const cJSON *request, int limit,
	const struct wire_meanwhile *meanwhile, struct wire *ret);

void wire_done(struct wire *wire);

#endif
