/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For use within snapd/ only: one HTTP request over the unix socket, with libcurl. It follows no
 * redirects, tries only once, and uses no proxy (even if the environment names one), no other
 * protocol and no name resolution.
 */
#ifndef SNAPD_HTTP_H
#define SNAPD_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define SNAPD_JSON "Content-Type: application/json"

struct snapd_http {
	int status;
	struct buf body; /* free with buf_done() */
};

/* A part of a body: SIZE bytes of TEXT, or where that is NULL, at OFFSET of the file behind FD. */
struct snapd_piece {
	const char *text;
	int fd;
	int64_t offset, size;
};

/* Sent piece by piece; a file is never in memory as a whole. */
struct snapd_body {
	const char *type; /* "Content-Type: application/json" */
	const struct snapd_piece *pieces;
	size_t count;
};

/* Call start before the first request and, if it returned 0, stop after the last one. */
int snapd_http_start(struct error *err);
void snapd_http_stop(void);

/*
 * Sends a GET, or a POST if there is a BODY, for PATH ("/v2/...", already escaped for a URL) and
 * reads the whole answer into RET, within LIMIT milliseconds. ERROR_UNREACHABLE: not one byte was
 * sent; code is the errno of the connect, if there was one. ERROR_UNANSWERED: something was sent,
 * but no complete answer came. ERROR_CUT: something was sent, but not all pieces, or not all of a file
 * could be read. ERROR_LIMIT: the answer is too large.
 */
int snapd_http_ask(const char *socket, const char *path, const struct snapd_body *body,
	int64_t limit, struct snapd_http *ret, struct error *err);

#endif
