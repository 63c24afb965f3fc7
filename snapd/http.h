/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside snapd/ only: one HTTP request over the unix socket, with libcurl. The environment has no
 * say in it: no proxy, no redirects, no other protocol, no name resolution, no second try.
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

/* Once before the first request, and once after the last one when it returned 0. */
int snapd_http_start(struct error *err);
void snapd_http_stop(void);

/*
 * GET, or POST when there is a BODY, of PATH ("/v2/...", already fit for a URL) within LIMIT
 * milliseconds; the whole answer goes to RET. ERROR_UNREACHABLE: not one byte was sent; code is the
 * errno of the connect, if there was one. ERROR_UNANSWERED: something was sent, and what came back
 * ended early. ERROR_LIMIT: what came back is too large.
 */
int snapd_http_ask(const char *socket, const char *path, const char *body, int64_t limit,
	struct snapd_http *ret, struct error *err);

#endif
