/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fsm/memory.h"

/* clang-format off */
static const struct {
	enum fsm_status status; /* in the states installing and blocked */
	const char *message;    /* short, for the status line; what depends on more is added below */
	const char *meaning;    /* for the guide and `state` */
} reasons[FSM_REASON_COUNT] = {
	[FSM_REASON_NONE] = { FSM_STATUS_MAINTENANCE, "Installing microsample snap",
		"nothing stands in the way" },
	[FSM_REASON_BAD_OPTION] = { FSM_STATUS_BLOCKED, "Invalid channel configured",
		"the channel option is no channel: set [track/]stable|candidate|beta|edge[/branch]" },
	[FSM_REASON_SNAPD_AWAY] = { FSM_STATUS_WAITING, "Waiting for snapd: it does not answer",
		"snapd does not answer on its socket: systemctl status snapd.socket snapd" },
	[FSM_REASON_NOT_SEEDED] = { FSM_STATUS_WAITING, "Waiting for snapd: it is not seeded yet",
		"snapd is still setting up the machine's first snaps: snap wait system seed.loaded" },
	[FSM_REASON_OWN_CHANGE] = { FSM_STATUS_MAINTENANCE, "Installing microsample snap",
		"our own change is under way in snapd" },
	[FSM_REASON_FOREIGN_CHANGE] = { FSM_STATUS_WAITING, "Waiting for snapd",
		"somebody else's change of the snap is in progress: snap changes" },
	[FSM_REASON_UNANSWERED] = { FSM_STATUS_WAITING, "No answer from snapd; asking it again",
		"a request went unanswered; snapd is looked at, then asked again" },
	[FSM_REASON_DISABLED] = { FSM_STATUS_BLOCKED, "Snap is disabled; run: snap enable microsample",
		"the snap is disabled: snap enable microsample" },
	[FSM_REASON_BROKEN] = { FSM_STATUS_BLOCKED, "Snap is broken; run: snap remove microsample",
		"snapd cannot read the installed snap: snap remove microsample, then it is installed again" },
	[FSM_REASON_LOCAL] = { FSM_STATUS_BLOCKED,
		"Local build is left alone; to replace it: snap refresh --amend microsample",
		"the snap was built locally and is left alone: snap refresh --amend microsample replaces it" },
	[FSM_REASON_SERVICE_DOWN] = { FSM_STATUS_BLOCKED, "Service is down; run: snap start microsample",
		"a service of the snap does not run: snap start microsample; why: snap logs microsample" },
	[FSM_REASON_PORT_TAKEN] = { FSM_STATUS_BLOCKED,
		"Port 8080/tcp is taken by another unit on this machine; move one of them",
		"another unit on this machine has opened 8080/tcp: move one of the two" },
	[FSM_REASON_CHANNEL_MISSING] = { FSM_STATUS_BLOCKED, "Snap Store has no channel",
		"the Snap Store has no such channel: set one that exists" },
	[FSM_REASON_ARCH_MISSING] = { FSM_STATUS_BLOCKED, "No build for this machine's architecture in",
		"the channel has no build for this architecture: set another channel" },
	[FSM_REASON_REVISION_MISSING] = { FSM_STATUS_BLOCKED, "Snap Store offers no revision in",
		"the Snap Store offers no revision there: set another channel" },
	[FSM_REASON_SNAP_MISSING] = { FSM_STATUS_BLOCKED,
		"Snap Store has no snap microsample; see: snap info microsample",
		"the Snap Store does not know the snap: snap info microsample" },
	[FSM_REASON_NEEDS_CLASSIC] = { FSM_STATUS_BLOCKED, "Classic confinement is needed for",
		"that revision needs classic confinement, which this charm does not give: set another channel" },
	[FSM_REASON_NEEDS_DEVMODE] = { FSM_STATUS_BLOCKED, "Devmode confinement is needed for",
		"that revision needs devmode, which this charm does not give: set another channel" },
	[FSM_REASON_DENIED] = { FSM_STATUS_BLOCKED, "snapd denies access; the unit agent must be root",
		"snapd refuses the unit agent: it must run as root, on the machine itself" },
	[FSM_REASON_DEGRADED] = { FSM_STATUS_BLOCKED, "snapd cannot work on this system; run: snap debug confinement",
		"snapd does not fully support this system: journalctl -u snapd" },
	[FSM_REASON_STORE_TROUBLE] = { FSM_STATUS_WAITING, "Snap Store trouble",
		"the Snap Store could not be asked: snap debug connectivity" },
	[FSM_REASON_STORE_TIMEOUT] = { FSM_STATUS_WAITING, "Snap Store does not answer",
		"the Snap Store did not answer in time: snap debug connectivity" },
	[FSM_REASON_DISK_FULL] = { FSM_STATUS_BLOCKED, "Not enough disk space for the snap",
		"the disk has no room for the snap: df -h /var/lib/snapd" },
	[FSM_REASON_CONFLICT] = { FSM_STATUS_WAITING, "snapd is busy",
		"snapd was busy with something that excludes our request: snap changes" },
	[FSM_REASON_CHANGE_FAILED] = { FSM_STATUS_WAITING, "Change failed",
		"snapd could not do it and put everything back: snap changes, snap tasks ID" },
	[FSM_REASON_CHANGE_EMPTY] = { FSM_STATUS_WAITING, "Change was aborted",
		"somebody aborted our change before it did anything" },
	[FSM_REASON_NO_TRACE] = { FSM_STATUS_WAITING, "Request was lost",
		"a request left no trace in snapd: it is asked again" },
	[FSM_REASON_DRIFTED] = { FSM_STATUS_WAITING, "Snap was moved away again",
		"somebody moves or removes the snap: it is put right, each time after a longer pause" },
	[FSM_REASON_CONTESTED] = { FSM_STATUS_BLOCKED, "Somebody keeps moving the snap away from",
		"another unit or person keeps changing the snap: make them agree on one channel" },
	[FSM_REASON_INTERRUPTED] = { FSM_STATUS_WAITING, "Interrupted",
		"the hook ended before it knew the outcome: the next one goes on" },
	[FSM_REASON_REMOVED] = { FSM_STATUS_MAINTENANCE, "Removed microsample snap",
		"the unit is going; nothing of it is left" },
};
/* clang-format on */

static void add(struct fsm_told *told, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct fsm_told *told, const char *format, ...)
{
	char longer[FSM_STATUS_MAX + 2];
	size_t used = strlen(told->message);
	va_list args;

	memcpy(longer, told->message, used);
	va_start(args, format);
	(void)vsnprintf(longer + used, sizeof longer - used, format, args);
	va_end(args);
	fsm_copy(told->message, sizeof told->message, longer);
}

const char *fsm_short(const char *channel)
{
	return strncmp(channel, "latest/", 7) == 0 ? channel + 7 : channel;
}

const char *fsm_reason_meaning(enum fsm_reason reason)
{
	return reasons[reason].meaning;
}

/* A channel of up to 128 bytes in a line of 90: its beginning says which one it is. */
static const char *cut(const char *channel, char ret[25])
{
	fsm_copy(ret, 25, fsm_short(channel));
	return ret;
}

/* When it is tried again, and the channel that serves meanwhile, if one does. */
static void add_outlook(struct fsm_told *told, const struct fsm_record *record)
{
	const struct fsm_memory *memory = &record->memory;
	time_t when = (time_t)memory->next_try;
	char channel[25];
	struct tm utc;

	if (record->reason == memory->reason && memory->next_try > record->since &&
		gmtime_r(&when, &utc))
		add(told, "; next try %02d:%02d UTC", utc.tm_hour, utc.tm_min);
	if (*record->tracking)
		add(told, "; '%s' runs", cut(record->tracking, channel));
}

/* What snapd gave as the cause, as far as the line has room for it, and the outlook. */
static void add_cause(struct fsm_told *told, const struct fsm_record *record)
{
	struct fsm_told outlook = { .message = "" };
	char cause[FSM_STATUS_MAX + 1];
	size_t room;

	add_outlook(&outlook, record);
	room = FSM_STATUS_MAX - strlen(told->message) - strlen(outlook.message);
	if (*record->detail && room > strlen(": ")) {
		fsm_copy(cause, room - strlen(": ") + 1, record->detail);
		add(told, ": %s", cause);
	}
	add(told, "%s", outlook.message);
}

/* LIST, "stable, edge", up to the last one that fits. */
static void add_list(struct fsm_told *told, const char *list)
{
	static const char more[] = ", ...";
	size_t room = FSM_STATUS_MAX - strlen(told->message);
	size_t keep = strlen(list);

	if (keep > room)
		for (keep = room - strlen(more); keep > 0 && list[keep] != ','; keep--)
			;
	if (keep > 0)
		add(told, "%.*s%s", (int)keep, list, list[keep] ? more : "");
	else /* not even one fits whole */
		add(told, "%s", list);
}

/* What is being done, or will be as soon as a hook has the time for it. */
static enum fsm_op operation_of(const struct fsm_record *record)
{
	if (record->retired)
		return FSM_OP_REMOVE;
	if (record->intent.op != FSM_OP_NONE)
		return record->intent.op;
	return *record->tracking ? FSM_OP_REFRESH : FSM_OP_INSTALL;
}

static void tell_operation(
	struct fsm_told *told, const struct fsm_record *record, const char *progress)
{
	const char *to =
		record->intent.op != FSM_OP_NONE ? record->intent.channel : record->channel;
	enum fsm_op op = operation_of(record);
	char channel[25];

	told->message[0] = '\0';
	if (op == FSM_OP_REMOVE)
		add(told, "Removing microsample snap");
	else if (op == FSM_OP_REFRESH)
		add(told, "Refreshing microsample snap to '%s'", cut(to, channel));
	else
		add(told, "Installing microsample snap");
	if (*progress)
		add(told, ": %s", progress);
}

static void tell_bad_option(struct fsm_told *told, const struct fsm_record *record)
{
	static const char accepted[] = "; use [track/]stable|candidate|beta|edge[/branch]";
	size_t room = FSM_STATUS_MAX - strlen(told->message) - strlen(": ") - strlen(accepted);

	if (strlen(record->detail) <= room)
		add(told, ": %s%s", record->detail, accepted);
	else /* the detail is the value in quotes: the cut one is closed again */
		add(told, ": %.*s...'%s", (int)(room - strlen("...'")), record->detail, accepted);
}

static void tell_channel_missing(struct fsm_told *told, const struct fsm_record *record)
{
	char channel[25];

	add(told, " '%s'", cut(record->channel, channel));
	if (*record->detail) {
		add(told, "; it has ");
		add_list(told, record->detail);
	} else {
		add(told, "; set another");
	}
}

static void tell_reason(struct fsm_told *told, const struct fsm_record *record)
{
	char channel[25];

	switch (record->reason) {
	case FSM_REASON_BAD_OPTION:
		tell_bad_option(told, record);
		return;
	case FSM_REASON_FOREIGN_CHANGE:
		add(told, ": %.40s in progress", *record->detail ? record->detail : "a change");
		return;
	case FSM_REASON_CHANNEL_MISSING:
		tell_channel_missing(told, record);
		return;
	case FSM_REASON_ARCH_MISSING:
		add(told, " '%s'; set another", cut(record->channel, channel));
		return;
	case FSM_REASON_REVISION_MISSING:
	case FSM_REASON_NEEDS_CLASSIC:
	case FSM_REASON_NEEDS_DEVMODE:
		add(told, " '%s'; set another channel", cut(record->channel, channel));
		return;
	case FSM_REASON_CONTESTED:
		add(told, " '%s'; see: snap changes", cut(record->channel, channel));
		return;
	case FSM_REASON_STORE_TROUBLE:
	case FSM_REASON_CHANGE_FAILED:
		add_cause(told, record);
		return;
	case FSM_REASON_STORE_TIMEOUT:
	case FSM_REASON_CONFLICT:
	case FSM_REASON_CHANGE_EMPTY:
	case FSM_REASON_NO_TRACE:
	case FSM_REASON_DRIFTED:
	case FSM_REASON_INTERRUPTED:
	case FSM_REASON_DISK_FULL:
		add_outlook(told, record);
		return;
	default:
		return;
	}
}

struct fsm_told fsm_told(const struct fsm_record *record, const char *progress)
{
	struct fsm_told told = { .status = reasons[record->reason].status };
	char channel[25];

	add(&told, "%s", reasons[record->reason].message);
	if (record->state == FSM_STATE_ACTIVE) {
		told = (struct fsm_told){ .status = FSM_STATUS_ACTIVE };
		add(&told, "Ready at '%s'", cut(record->channel, channel));
	} else if (record->reason == FSM_REASON_REMOVED && *record->detail) {
		told.message[0] = '\0';
		add(&told, "Leaving microsample snap: it was not installed by this unit");
	} else if (record->reason == FSM_REASON_OWN_CHANGE || record->reason == FSM_REASON_NONE) {
		tell_operation(&told, record, progress);
	} else {
		tell_reason(&told, record);
	}
	return told;
}
