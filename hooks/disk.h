/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which revisions of the snap are on the disk: where a revert can go.
 */
#ifndef HOOKS_DISK_H
#define HOOKS_DISK_H

#include "hooks/run.h"

/* The revision that a revert goes to, 0 when there is none: in snapd's list the one before the active. */
int disk_before(struct run *run, int64_t *ret, struct error *err);

/* Whether snapd lists the revisions, and REVISION is none of them. */
bool disk_lost(struct run *run, int64_t revision);

#endif
