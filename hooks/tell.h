/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Juju is told: status, version, and the wish for the port. Only what it was not told yet; what
 * it did not hear is told again by the next hook. Never fails a hook.
 */
#ifndef HOOKS_TELL_H
#define HOOKS_TELL_H

#include "fsm/status.h"
#include "hooks/run.h"

void tell_juju(struct run *run, const struct fsm_status_line *status);

/* The status with PROGRESS, a few words on how far our running change is. */
void tell_progress(struct run *run, const char *progress);

/* Sees to it that the port is open; the record says how far that is. */
void tell_port(struct run *run);

#endif
