/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The charm's resource `snaps`: when it is read, what the record keeps of it, and how its snaps become
 * a request.
 */
#ifndef HOOKS_RESOURCE_H
#define HOOKS_RESOURCE_H

#include "hooks/run.h"

/*
 * Reads the resource into the record, where this run is to: in a hook that may come with another file,
 * when a person orders a retry, and where it was never read. A failure leaves what the record holds.
 */
void resource_read(struct run *run);

/*
 * The request to install what the resource holds and the machine does not: the assertions, then the
 * files in one change. -1 as snapd_sideload() fails; ERROR_CORRUPT: the file is not the one that was read.
 */
int resource_post(struct run *run, struct snapd_answer *ret, struct error *err);

#endif
