/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unix socket, or a port, that answers every request with given bytes, right or wrong ones, and
 * keeps the requests. For answers that no snapd and no HTTP server library would ever send. It has no
 * workload: no charm is run against it, so nobody looks for one.
 */
#ifndef TESTS_CANNED_H
#define TESTS_CANNED_H

#include <stddef.h>

enum canned_way {
	CANNED_CLOSE,   /* the bytes, then the end */
	CANNED_HANG,    /* the bytes, then nothing for ever */
	CANNED_DRIP,    /* a byte every 20 ms, for ever */
	CANNED_FOREVER, /* the bytes once, then 'x' without end */
	CANNED_RESET,   /* the connection is reset after the first byte of the request */
};

struct canned;

/* Starts a child process that listens in its own folder, and ends with its parent. */
struct canned *canned_start(void);
struct canned *canned_start_port(void); /* listens on a port of 127.0.0.1 instead */
void canned_stop(struct canned *canned);

const char *canned_path(const struct canned *canned);
int canned_port(const struct canned *canned);

/* Sets the answer from now on: SIZE bytes. */
void canned_bytes(struct canned *canned, enum canned_way way, const char *bytes, size_t size);

/* The same, as a proper HTTP answer with STATUS and BODY, in which every ' is sent as a ". */
void canned_answer(struct canned *canned, int status, const char *body);

/* How many requests came since the last call, and the last one as it was sent. */
size_t canned_requests(struct canned *canned);
const char *canned_request(const struct canned *canned);

#endif
