/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/disk.h"

#include <string.h>

#include "base/text.h"
#include "workload/workload.h"

static struct snapd_revisions revisions; /* large, and never used twice at a time */

int disk_before(struct run *run, int64_t *ret, struct error *err)
{
	if (snapd_get_revisions(run_snapd(run), WORKLOAD_SNAP, &revisions, err) < 0)
		return -1;
	*ret = 0;
	for (size_t i = 1; i < revisions.count; i++)
		if (strcmp(revisions.list[i].status, "active") == 0)
			*ret = text_number(revisions.list[i - 1].revision);
	if (*ret < 0)
		*ret = 0; /* x1, a local build */
	return 0;
}

bool disk_lost(struct run *run, int64_t revision)
{
	if (snapd_get_revisions(run_snapd(run), WORKLOAD_SNAP, &revisions, NULL) < 0)
		return false; /* not known */
	for (size_t i = 0; i < revisions.count; i++)
		if (text_number(revisions.list[i].revision) == revision)
			return false;
	return true;
}
