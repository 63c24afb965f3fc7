/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For use within snapd/ only: one HTTP request over the unix socket, with libcurl. It follows no
 * redirects, tries only once, and uses no proxy (even if the environment names one), no other
 * protocol and no name resolution.
 */
#ifndef SNAPD_HTTP_H
#define SNAPD_HTTP_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct snapd_http {
	int status;
	struct buf body; /* free with buf_done() */
};

/* Call start before the first request and, if it returned 0, stop after the last one. */
int snapd_http_start(struct error *err);
void snapd_http_stop(void);

/*
 * Sends a GET, or a POST if there is a BODY, for PATH ("/v2/...", already escaped for a URL) and
 * reads the whole answer into RET, within LIMIT milliseconds. ERROR_UNREACHABLE: not one byte was
 * sent; code is the errno of the connect, if there was one. ERROR_UNANSWERED: something was sent,
 * but no complete answer came. ERROR_LIMIT: the answer is too large.
 */
int snapd_http_ask(const char *socket, const char *path, const char *body, int64_t limit,
	struct snapd_http *ret, struct error *err);

#endif
