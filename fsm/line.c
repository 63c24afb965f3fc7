/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cause.h"
#include "base/channel.h"
#include "base/text.h"

enum {
	CAUSE_MIN = 15, /* bytes; a longer cause is not told in less */
};

void fsm_line_add(struct fsm_status_line *line, const char *format, ...)
{
	char longer[FSM_STATUS_MAX + 2];
	size_t used = strlen(line->message);
	va_list args;

	memcpy(longer, line->message, used);
	va_start(args, format);
	(void)vsnprintf(longer + used, sizeof longer - used, format, args);
	va_end(args);
	text_ascii(line->message, sizeof line->message, longer);
}

const char *fsm_line_channel(const char *channel, char ret[FSM_LINE_CHANNEL])
{
	text_ascii(ret, FSM_LINE_CHANNEL, channel_short(channel));
	return ret;
}

const char *fsm_line_target(const struct fsm_target *target, char ret[FSM_LINE_TARGET])
{
	char channel[FSM_LINE_CHANNEL];

	if (fsm_target_supplied(target))
		(void)snprintf(ret, FSM_LINE_TARGET, "revision %" PRId64 " of the resource",
			target->revision);
	else
		(void)snprintf(
			ret, FSM_LINE_TARGET, "'%s'", fsm_line_channel(target->channel, channel));
	return ret;
}

void fsm_line_time(struct fsm_status_line *line, int64_t time)
{
	int64_t minute = time / 60 + (time % 60 != 0);

	if (time > 0)
		fsm_line_add(line, "; next try %02d:%02d UTC", (int)(minute / 60 % 24),
			(int)(minute % 60));
}

bool fsm_line_cause(struct fsm_status_line *line, const char *detail, const char *outlook)
{
	size_t used = strlen(line->message) + strlen(": ") + strlen(outlook);
	char cause[FSM_STATUS_MAX + 1] = "";
	size_t least = strlen(detail) < CAUSE_MIN ? strlen(detail) : CAUSE_MIN;
	bool whole = used + least <= FSM_STATUS_MAX &&
		     cause_fit(cause, FSM_STATUS_MAX - used + 1, detail);

	fsm_line_add(line, "%s%s%s", *cause ? ": " : "", cause, outlook);
	return whole;
}

void fsm_line_list(struct fsm_status_line *line, const char *list)
{
	static const char more[] = ", ...";
	size_t room = FSM_STATUS_MAX - strlen(line->message);
	size_t keep = strlen(list);

	if (keep > room)
		for (keep = room - strlen(more); keep > 0 && list[keep] != ','; keep--)
			;
	if (keep > 0)
		fsm_line_add(line, "%.*s%s", (int)keep, list, list[keep] ? more : "");
	else /* not even one fits whole */
		fsm_line_add(line, "%s", list);
}
