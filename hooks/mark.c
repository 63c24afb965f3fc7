/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/mark.h"

#include <stdio.h>
#include <string.h>

#include "workload/marker.h"
#include "workload/workload.h"

/* As Juju names the agent of the unit, and its folder. */
static void tag_of(const char *unit, char ret[MARKER_TAG_SIZE])
{
	char *slash;

	(void)snprintf(ret, MARKER_TAG_SIZE, "unit-%s", unit);
	slash = strchr(ret, '/');
	if (slash)
		*slash = '-';
}

enum fsm_marker mark_look(const struct run *run)
{
	char tag[MARKER_TAG_SIZE];
	struct error err = { 0 };

	if (marker_read(run->data, tag, &err) < 0) {
		log_say("%s", err.text);
		return FSM_MARKER_UNREAD;
	}
	return *tag ? FSM_MARKER_OURS : FSM_MARKER_NONE;
}

void mark_write(struct run *run, const struct fsm_record *before, struct fsm_turn *turn)
{
	char own[MARKER_TAG_SIZE];
	struct error err = { 0 };

	if (!turn->owes_marker)
		return;
	tag_of(run->unit, own);
	if (marker_write(run->data, own, &err) == 0) {
		turn->record.marked = run->record.marked = true;
		return;
	}
	/* Not in every hook from now on, but in those that a person is about to look at. */
	if (!before->ours || fsm_hook_is(run->kind, FSM_HOOK_CHECKS))
		log_add(&run->log, JUJU_WARNING,
			"the " WORKLOAD_TITLE
			" cannot be marked as installed by this unit, so only "
			"the database knows: %s",
			err.text);
	else
		log_say("%s", err.text);
}
