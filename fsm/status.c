/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/status.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/option.h"
#include "base/text.h"
#include "fsm/failure.h"
#include "fsm/line.h"
#include "fsm/register.h"

enum {
	PLACE_MIN = 12, /* bytes, of port and path that were asked */
};

/* clang-format off */
#define ROW(name, text, class, status, tail, message, meaning) \
	[FSM_REASON_##name] = \
		{ FSM_CLASS_##class, FSM_STATUS_##status, FSM_TAIL_##tail, message, meaning },
static const struct fsm_reason_row reasons[FSM_REASON_COUNT] = { FSM_REASONS(ROW) };
/* clang-format on */

const struct fsm_reason_row *fsm_reason_row(enum fsm_reason reason)
{
	assert((unsigned)reason < FSM_REASON_COUNT);
	return &reasons[reason];
}

/* A change that does not move on: which, how, since when, and where to look. */
static void tell_stand(struct fsm_status_line *line, const struct fsm_record *record)
{
	const struct fsm_pace *pace = &record->pace;
	int64_t minute = pace->since / 60;

	if (record->reason == FSM_REASON_OWN_STANDS)
		fsm_line_add(line, "%s", fsm_op_row(record->intent.op)->noun);
	else
		fsm_line_add(line, "%.24s", *record->detail ? record->detail : "A change");
	if (pace->way == FSM_WAY_WAITS)
		fsm_line_add(line, " waits for a reboot of the machine");
	else if (pace->way == FSM_WAY_UNDOES)
		fsm_line_add(line, " is being rolled back");
	else
		fsm_line_add(line, " stands%s%s", *pace->at ? " at " : "", pace->at);
	if (pace->way != FSM_WAY_WAITS && pace->since > 0)
		fsm_line_add(
			line, " since %02d:%02d UTC", (int)(minute / 60 % 24), (int)(minute % 60));
	fsm_line_add(line, "; see: snap change %" PRId64, pace->change);
}

/* When it is tried again. */
static void add_next(struct fsm_status_line *line, const struct fsm_record *record)
{
	const struct fsm_failure *failure = &record->failure;

	if (record->reason == FSM_REASON_DRIFTED || record->reason == FSM_REASON_CONTESTED)
		fsm_line_time(line, record->drift.next_try);
	else if (record->reason != failure->reason || failure->class == FSM_CLASS_NONE)
		return;
	else if (fsm_class_row(failure->class)->minutes[0] == 0)
		fsm_line_add(line, "; asked again at each hook");
	else if (failure->next_try > record->since)
		fsm_line_time(line, failure->next_try);
}

/* The same, and what serves meanwhile. */
static void add_outlook(struct fsm_status_line *line, const struct fsm_record *record)
{
	char channel[FSM_LINE_CHANNEL];

	add_next(line, record);
	/* What is followed may be something else than what runs. */
	if (record->serves && *record->origin)
		fsm_line_add(line, "; '%s' runs", fsm_line_channel(record->origin, channel));
	else if (*record->tracking)
		fsm_line_add(line, "; tracks '%s'", fsm_line_channel(record->tracking, channel));
}

/* When it is tried again, where a remedy leaves room for it. */
static void add_if_fits(struct fsm_status_line *line, const struct fsm_record *record)
{
	struct fsm_status_line next = { .message = "" };

	add_next(&next, record);
	if (strlen(line->message) + strlen(next.message) <= FSM_STATUS_MAX)
		fsm_line_add(line, "%s", next.message);
}

/* The cause, the next try, and, unless the cause needs that room, what runs meanwhile. */
static void add_cause(struct fsm_status_line *line, const struct fsm_record *record)
{
	struct fsm_status_line next = { .message = "" }, outlook = { .message = "" };
	struct fsm_status_line with = *line;

	add_next(&next, record);
	add_outlook(&outlook, record);
	if (!*record->detail)
		fsm_line_add(line, "%s", outlook.message);
	else if (fsm_line_cause(&with, record->detail, outlook.message))
		*line = with;
	else
		(void)fsm_line_cause(line, record->detail, next.message);
}

/* What is being done, or will be as soon as a hook has the time for it. */
static enum fsm_op operation_of(const struct fsm_record *record)
{
	if (record->retired)
		return record->intent.op == FSM_OP_UNHOLD || (record->hold.ours && !record->ours)
			       ? FSM_OP_UNHOLD
			       : FSM_OP_REMOVE;
	if (record->intent.op != FSM_OP_NONE)
		return record->intent.op;
	if (record->order.kind != FSM_ORDER_NONE)
		return fsm_effect_op(fsm_order_effect(record->order.kind));
	if (fsm_target_supplied(&record->target))
		return FSM_OP_SIDELOAD;
	return *record->tracking ? FSM_OP_REFRESH : FSM_OP_INSTALL;
}

static void tell_operation(
	struct fsm_status_line *line, const struct fsm_record *record, const char *progress)
{
	static const char *const verbs[FSM_OP_COUNT] = {
		[FSM_OP_NONE] = "Installing",
		[FSM_OP_INSTALL] = "Installing",
		[FSM_OP_REFRESH] = "Refreshing",
		[FSM_OP_SIDELOAD] = "Installing",
		[FSM_OP_REMOVE] = "Removing",
		[FSM_OP_HOLD] = "Holding",
		[FSM_OP_UNHOLD] = "Lifting the hold of",
		[FSM_OP_REVERT] = "Reverting",
		[FSM_OP_RESTART] = "Restarting",
		[FSM_OP_START] = "Starting",
		[FSM_OP_SWITCH] = "Switching",
	};
	const struct fsm_target back = { .revision = record->order.revision };
	const struct fsm_target *to = record->intent.op != FSM_OP_NONE ? &record->intent.target
				      : record->order.kind == FSM_ORDER_REVERT ? &back
									       : &record->target;
	enum fsm_op op = operation_of(record);
	char target[FSM_LINE_TARGET];

	if (record->order.kind == FSM_ORDER_ROLLBACK) {
		fsm_line_add(line, "Rolling " WORKLOAD_TITLE " back to revision %" PRId64,
			record->refused.back);
		if (*progress)
			fsm_line_add(line, ": %s", progress);
		return;
	}
	fsm_line_add(line, "%s " WORKLOAD_TITLE, verbs[op]);
	if (op == FSM_OP_REFRESH)
		fsm_line_add(line, " to %s", fsm_line_target(to, target));
	if (op == FSM_OP_SIDELOAD)
		fsm_line_add(line, " %s", fsm_line_target(to, target));
	if (op == FSM_OP_REFRESH && to->revision)
		fsm_line_add(line, " revision %" PRId64, to->revision);
	if (op == FSM_OP_REVERT)
		fsm_line_add(line, " to revision %" PRId64, to->revision);
	if (*progress)
		fsm_line_add(line, ": %s", progress);
}

/* What to do about a snap that does not serve: HERE, or back, if a refresh of ours led to it, that is
 * still on the disk, and nothing that lasts hinders that order. */
static const char *remedy(const struct fsm_record *record, const char *here)
{
	const struct fsm_probation *probation = &record->probation;
	bool refused = record->target.revision != 0 || fsm_contested(&record->drift) ||
		       (record->port == FSM_PORT_TAKEN && !record->ours);
	bool back = probation->well && probation->before.revision != 0 && !refused &&
		    *probation->revision && strcmp(probation->revision, record->revision) == 0 &&
		    text_number(record->revision) != probation->before.revision;

	return back ? "; to go back: juju run UNIT revert" : here;
}

/* What the snap says of itself. */
static void add_report(struct fsm_status_line *line, const struct fsm_record *record)
{
	const char *then = remedy(record, "");
	char shown[FSM_STATUS_MAX + 1];
	size_t room = FSM_STATUS_MAX - strlen(line->message) - strlen(" ") - strlen(then);

	text_ascii(shown, room + 1, *record->detail ? record->detail : "trouble");
	fsm_line_add(line, " %s%s", shown, then);
}

/* What to do after a rollback that came to nothing: another one by hand, unless it is back already. */
static void add_unrolled(struct fsm_status_line *line, const struct fsm_record *record)
{
	bool back = text_number(record->revision) == record->refused.back;
	struct fsm_status_line then = { .message = "" };

	if (!back && record->target.revision == 0)
		fsm_line_add(&then, "; run: juju run UNIT revert");
	else if (back && !record->serves)
		fsm_line_add(&then, "; run: snap start --enable " WORKLOAD_SNAP);
	else
		add_outlook(&then, record);
	fsm_line_add(line, " failed");
	(void)fsm_line_cause(line, record->detail, then.message);
}

/* The place has no blank in it, so it ends at the first colon that has one behind it. */
static void add_answer(struct fsm_status_line *line, const struct fsm_record *record)
{
	static const char look[] = "; see: snap logs " WORKLOAD_SNAP;
	const char *cause = strstr(record->detail, ": ");
	const char *then = remedy(record, look);
	size_t place = cause ? (size_t)(cause - record->detail) : strlen(record->detail);
	size_t room = FSM_STATUS_MAX - strlen(line->message) - strlen(" ") - strlen(then);
	char where[FSM_DETAIL_MAX + 1], shown[FSM_STATUS_MAX + 1], seen[FSM_STATUS_MAX + 1];

	/* What was seen in few words; a longer one is none of the probe's. */
	text_ascii(seen, room - PLACE_MIN + 1, cause ? cause : "");
	(void)snprintf(where, sizeof where, "%.*s", (int)place, record->detail);
	text_ascii(shown, room - strlen(seen) + 1, where);
	fsm_line_add(line, " %s%s%s", shown, seen, then);
}

/* The snap stays, and why. */
static void tell_left(struct fsm_status_line *line, const char *detail)
{
	static const char otherwise[] = ": it was not installed by this unit";
	const char *reason = strstr(detail, ": ");

	*line = (struct fsm_status_line){ .status = line->status };
	fsm_line_add(line, "Leaving " WORKLOAD_SNAP " snap%s", reason ? reason : otherwise);
}

/* The first of the bad options in the detail. */
static void add_option(struct fsm_status_line *line, const struct fsm_record *record)
{
	enum option_id id = option_named(record->detail);
	/* The charm once had one option, and its records do not name it. */
	bool named = id < OPTION_COUNT;
	const struct option_row *row = &option_rows[named ? id : OPTION_CHANNEL];
	const char *value = record->detail + (named ? strlen(row->name) : 0);
	char shown[FSM_STATUS_MAX + 1];
	size_t room;

	value += *value == ' ';
	fsm_line_add(line, " %s configured: ", row->name);
	room = FSM_STATUS_MAX - strlen(line->message) - strlen("; use ") - strlen(row->accepted);
	option_value_fit(shown, room + 1, value, option_value(value));
	fsm_line_add(line, "%s; use %s", shown, row->accepted);
}

/* What is wrong with the resource, from its beginning: that says which file of it. */
static void add_resource(struct fsm_status_line *line, const struct fsm_record *record)
{
	static const char then[] = "; attach another";
	size_t used = strlen(line->message) + strlen(" ") + strlen(then);
	char shown[FSM_STATUS_MAX + 1];

	text_ascii(shown, FSM_STATUS_MAX - used + 1, record->detail);
	fsm_line_add(line, "%s%s%s", *shown ? " " : "", shown, then);
}

static void add_channels(struct fsm_status_line *line, const struct fsm_record *record)
{
	if (*record->detail) {
		fsm_line_add(line, "; it has ");
		fsm_line_list(line, record->detail);
	} else {
		fsm_line_add(line, "; set another");
	}
}

static void add_tail(struct fsm_status_line *line, const struct fsm_record *record,
	enum fsm_tail tail, const char *progress)
{
	const char *target = record->target.channel;
	char channel[FSM_LINE_CHANNEL], where[FSM_LINE_TARGET];

	switch (tail) {
	case FSM_TAIL_NOTHING:
		break;
	case FSM_TAIL_OPERATION:
		tell_operation(line, record, progress);
		return;
	case FSM_TAIL_START:
		fsm_line_add(line, "%s", remedy(record, "; run: snap start " WORKLOAD_SNAP));
		return;
	case FSM_TAIL_ANSWER:
		add_answer(line, record);
		return;
	case FSM_TAIL_OPTION:
		add_option(line, record);
		return;
	case FSM_TAIL_DETAIL:
		add_report(line, record);
		return;
	case FSM_TAIL_UNITS:
		(void)fsm_line_cause(line, record->detail, "; see: systemctl --failed");
		return;
	case FSM_TAIL_AWAY:
		(void)fsm_line_cause(
			line, *record->detail ? record->detail : "it does not answer", "");
		return;
	case FSM_TAIL_KIND:
		fsm_line_add(
			line, ": %.40s in progress", *record->detail ? record->detail : "a change");
		return;
	case FSM_TAIL_STANDS:
		tell_stand(line, record);
		return;
	case FSM_TAIL_CHANNELS:
		fsm_line_add(line, " '%s'", fsm_line_channel(target, channel));
		add_channels(line, record);
		break;
	case FSM_TAIL_ANOTHER:
		fsm_line_add(line, " '%s'; set another", fsm_line_channel(target, channel));
		break;
	case FSM_TAIL_ANOTHER_CHANNEL:
		fsm_line_add(line, " '%s'; set another channel", fsm_line_channel(target, channel));
		break;
	case FSM_TAIL_PIN:
		fsm_line_add(line, " %" PRId64 " in '%s'; ", record->target.revision,
			fsm_line_channel(target, channel));
		if (*record->detail)
			fsm_line_add(line, "it has %s", record->detail);
		else
			fsm_line_add(line, "set another");
		break;
	case FSM_TAIL_CHANGES:
		fsm_line_add(
			line, " %s; see: snap changes", fsm_line_target(&record->target, where));
		break;
	case FSM_TAIL_RESOURCE:
		add_resource(line, record);
		return;
	case FSM_TAIL_CAUSE:
		add_cause(line, record);
		return;
	case FSM_TAIL_OUTLOOK:
		add_outlook(line, record);
		return;
	case FSM_TAIL_FAILED_TARGET:
		fsm_line_add(
			line, " %s failed three times", fsm_line_target(&record->target, where));
		add_cause(line, record);
		return;
	case FSM_TAIL_ROLLED:
		fsm_line_add(line, " %s was rolled back", fsm_line_target(&record->target, where));
		add_cause(line, record);
		return;
	case FSM_TAIL_UNROLLED:
		fsm_line_add(line, " %s", fsm_line_target(&record->target, where));
		add_unrolled(line, record);
		return;
	case FSM_TAIL_LEFT:
		if (*record->detail)
			tell_left(line, record->detail);
		return;
	case FSM_TAIL_RIVAL:
		fsm_rival_tell(line, record->detail);
		return;
	}
	add_if_fits(line, record);
}

/* What is true of a snap that is in place, beyond its channel. */
static void add_place(struct fsm_status_line *line, const struct fsm_record *record)
{
	const char *update = record->update.revision;
	bool reverted = *record->reverted && strcmp(record->reverted, record->revision) == 0;
	char text[FSM_WORD_MAX + 32];

	if (fsm_target_supplied(&record->target))
		return;
	if (record->target.revision)
		fsm_line_add(line, ", pinned to revision %" PRId64, record->target.revision);
	else if (reverted)
		fsm_line_add(line, ", reverted to revision %s%s", record->revision,
			record->hold.held ? " and held" : "");
	else if (record->hold.held)
		fsm_line_add(line, ", held at revision %s", record->revision);
	if (!record->hold.held || !*update || strcmp(update, record->revision) == 0)
		return;
	(void)snprintf(text, sizeof text, "; revision %s is available", update);
	if (strlen(line->message) + strlen(text) <= FSM_STATUS_MAX)
		fsm_line_add(line, "%s", text);
}

/* How the unit stands in a rollout: as leader, or waiting for its turn. */
static void add_rollout(struct fsm_status_line *line, const struct fsm_record *record)
{
	char goal[FSM_GOAL_WORDS];

	fsm_goal_words(record->peers.waits, goal);
	if (*record->peers.rollout)
		fsm_line_add(line, "; %s", record->peers.rollout);
	else if (*record->peers.waits)
		fsm_line_add(line, "; waits for its turn for %s", goal);
}

struct fsm_status_line fsm_status_line(const struct fsm_record *record, const char *progress)
{
	const struct fsm_reason_row *row = fsm_reason_row(record->reason);
	struct fsm_status_line line = { .status = row->status };
	char target[FSM_LINE_TARGET];

	if (record->state == FSM_STATE_ACTIVE) {
		line.status = FSM_STATUS_ACTIVE;
		fsm_line_add(&line, "Ready at %s", fsm_line_target(&record->target, target));
		add_place(&line, record);
		add_rollout(&line, record);
		return line;
	}
	/* What a person has to act on, because it has lasted for so long. */
	if (record->state == FSM_STATE_BLOCKED)
		line.status = FSM_STATUS_BLOCKED;
	fsm_line_add(&line, "%s", row->message);
	add_tail(&line, record, row->tail, progress);
	return line;
}

void fsm_told_take_back(struct fsm_record *record, const struct fsm_status_line *status)
{
	if (status->status == record->told_status &&
		strcmp(status->message, record->told_message) == 0)
		return;
	record->told_status = FSM_STATUS_NONE;
	text_ascii(record->told_message, sizeof record->told_message, "");
}
