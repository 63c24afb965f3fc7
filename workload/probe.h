/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the workload answers on its port: one HTTP request over TCP to this machine.
 */
#ifndef WORKLOAD_PROBE_H
#define WORKLOAD_PROBE_H

#include <stdbool.h>

enum {
	PROBE_TIME = 2 * 1000, /* milliseconds for all of it */
	PROBE_TEXT_SIZE = 32,
};

/*
 * Asks 127.0.0.1 at PORT for PATH, which goes into the request as it stands. A status below 400 is an
 * answer, a redirect too, which is not followed. Once the headers are there, nothing that comes
 * behind them changes that, and no more than 64 KiB are read. No proxy is used, and no name is
 * resolved. Without an answer RET says what was seen instead, in words of ours: "HTTP 500".
 */
bool probe(int port, const char *path, char ret[PROBE_TEXT_SIZE]);

#endif
