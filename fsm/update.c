/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/update.h"

#include "base/text.h"
#include "fsm/failure.h"
#include "fsm/status.h"
#include "fsm/target.h"

bool fsm_update_due(const struct fsm_record *record, int64_t now, const char *unit)
{
	const struct fsm_update *update = &record->update;
	int64_t due = update->asked + fsm_pause(FSM_CLASS_UPDATE, 1, unit, true);

	bool held = record->state == FSM_STATE_ACTIVE && record->hold.held &&
		    !fsm_target_supplied(&record->target);
	bool refused = record->state == FSM_STATE_BLOCKED &&
		       record->reason != FSM_REASON_BAD_OPTION && record->refused.bad != 0 &&
		       record->target.revision == 0 &&
		       fsm_target_refused(&record->refused, &record->target);

	return (held || refused) && !record->stopping &&
	       (update->asked == 0 || now < update->asked || now >= due);
}

bool fsm_update_note(struct fsm_record *record, const char *revision, int64_t now)
{
	struct fsm_status_line status;

	record->update.asked = now;
	if (record->state == FSM_STATE_BLOCKED) {
		if (!revision || !*revision || text_number(revision) == record->refused.bad)
			return false;
		record->refused = (struct fsm_refused){ 0 };
		record->failure = (struct fsm_failure){ 0 };
		return true;
	}
	if (revision)
		text_ascii(record->update.revision, sizeof record->update.revision, revision);
	status = fsm_status_line(record, "");
	fsm_told_take_back(record, &status);
	return false;
}
