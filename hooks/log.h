/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one run says: single steps on standard output, which Juju shows at DEBUG, and the lines of one
 * juju-log at its end.
 */
#ifndef HOOKS_LOG_H
#define HOOKS_LOG_H

#include "base/buf.h"
#include "juju/juju.h"

enum {
	LOG_MAX = 16 * 1024, /* bytes of one run's record; what does not fit is left out */
};

struct log {
	struct buf lines;
	enum juju_level level; /* the highest of the lines */
};

void log_init(struct log *log);
void log_done(struct log *log);

/* A step's detail on standard output. */
void log_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line for the juju-log. The same line again is left out: a hook that keeps looking says it once. */
void log_add(struct log *log, enum juju_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Gives the lines to Juju, if there are any. LIMIT in milliseconds. Never fails a hook. */
void log_send(struct log *log, int64_t limit);

#endif
