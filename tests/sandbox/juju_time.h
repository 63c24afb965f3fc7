/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time of the stand-in Juju: the machine's, or that of the shared virtual clock.
 */
#ifndef SANDBOX_JUJU_TIME_H
#define SANDBOX_JUJU_TIME_H

#include "base/error.h"

/* From now on the virtual clock in FILE is the time of this process; NULL changes nothing. */
int juju_time_use(const char *file, struct error *err);

/* Milliseconds since 1970. */
long long juju_time_now(void);

/* Lets that much time pass: moves the virtual clock, but not the machine's clock. */
void juju_time_pass(long long ms);

/* Makes now the time when the machine started. Has no effect on the real machine. */
void juju_time_reboot(void);

enum juju_time_form {
	JUJU_TIME_CLOCK, /* 12:00:00 */
	JUJU_TIME_DATE,  /* 2026-11-23 12:00:00Z */
	JUJU_TIME_SINCE, /* 23 Nov 2026 12:00:00Z */
};

/* UTC; RET holds 40 bytes. */
void juju_time_text(char ret[40], long long ms, enum juju_time_form form);

#endif
