/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_snap.h"

#include <string.h>

struct sim_revision *sim_snap_current(struct sim_snap *snap)
{
	return &snap->revisions[snap->current];
}

const char *sim_snap_service(struct sim_snap *snap, const char *at, int *ret_length)
{
	const char *names = sim_snap_current(snap)->services;

	if (at)
		at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',');
	else
		at = names[0] != '\0' ? names : snap->name;
	*ret_length = (int)strcspn(at, ",");
	return *ret_length > 0 ? at : NULL;
}

long long sim_snap_find(const struct sim_snap *snap, const char *number)
{
	for (long long i = 0; i < snap->count; i++)
		if (strcmp(snap->revisions[i].number, number) == 0)
			return i;
	return -1;
}

void sim_snap_drop(struct sim_snap *snap, const char *number)
{
	long long at = sim_snap_find(snap, number);

	if (at < 0)
		return;
	snap->count--;
	memmove(&snap->revisions[at], &snap->revisions[at + 1],
		(size_t)(snap->count - at) * sizeof snap->revisions[0]);
	if (snap->current > at || snap->current == snap->count)
		snap->current--;
	if (snap->current < 0)
		snap->current = 0;
}

bool sim_is_plain(const char *name)
{
	return strcmp(name, "snapd") == 0 || strcmp(name, "bare") == 0;
}
