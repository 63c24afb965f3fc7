/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/register.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fsm/facts.h"
#include "fsm/line.h"

enum {
	UNIT_MIN = 12, /* bytes, of the name of another unit in the status */
};

/* A unit that wants no revision takes any of its channel; one that does takes no other. */
static bool would_have(const struct fsm_entry *entry, const struct fsm_target *to)
{
	const struct fsm_target *target = &entry->target;

	if (entry->unknown)
		return false;
	if (fsm_target_supplied(target)) /* a revision from a file, of no channel */
		return target->revision == to->revision;
	return !*target->channel ||
	       (strcmp(target->channel, to->channel) == 0 &&
		       (target->revision == 0 || target->revision == to->revision));
}

const struct fsm_entry *fsm_rival(const struct fsm_facts *facts, const struct fsm_target *to)
{
	for (size_t i = 0; i < facts->others_count; i++) {
		const struct fsm_entry *other = &facts->others[i];

		if (!other->kin && !other->yields && !would_have(other, to))
			return other;
	}
	return NULL;
}

void fsm_rival_say(const struct fsm_entry *rival, char *ret, size_t size)
{
	const struct fsm_target *target = &rival->target;
	char revision[32] = "";

	if (rival->unknown) {
		(void)snprintf(ret, size, "%s on this machine has not said which channel it wants",
			rival->unit);
		return;
	}
	if (fsm_target_supplied(target)) {
		(void)snprintf(ret, size,
			"%s on this machine wants revision %" PRId64 " of its resource",
			rival->unit, target->revision);
		return;
	}
	if (target->revision)
		(void)snprintf(revision, sizeof revision, " revision %" PRId64, target->revision);
	(void)snprintf(ret, size, "%s on this machine wants '%.24s'%s", rival->unit,
		channel_short(target->channel), revision);
}

/* The name of a unit may be long; what it wants is to be read. */
void fsm_rival_tell(struct fsm_status_line *line, const char *detail)
{
	const char *rest = strstr(detail, " on this machine");
	const char *quote = strrchr(detail, '\'');
	const char *then = !quote ? "" : quote[1] ? "; set the same" : "; set the same channel";
	char unit[FSM_STATUS_MAX + 1], whole[FSM_DETAIL_MAX + 1];
	size_t used;

	if (!rest) {
		fsm_line_add(line, "Another application on this machine wants another channel");
		return;
	}
	used = strlen(rest) + strlen(then);
	(void)snprintf(whole, sizeof whole, "%.*s", (int)(rest - detail), detail);
	text_ascii(unit, used + UNIT_MIN < FSM_STATUS_MAX ? FSM_STATUS_MAX - used + 1 : UNIT_MIN,
		whole);
	fsm_line_add(line, "%s%s%s", unit, rest, then);
}

bool fsm_shared(const struct fsm_facts *facts)
{
	return facts->others_count > 0 || *facts->unlisted;
}

bool fsm_held_for_others(const struct fsm_facts *facts)
{
	for (size_t i = 0; i < facts->others_count; i++)
		if (facts->others[i].holds && !facts->others[i].yields)
			return true;
	return false;
}

/*
 * A unit that came before has its way, and one that finds the snap in place meanwhile has not: the other may
 * be about to move it, by a request that no list shows yet.
 */
static bool is_late(const struct fsm_facts *facts)
{
	const struct fsm_entry *own = facts->own;

	return fsm_rival(facts, &facts->wanted) &&
	       !(own && !own->yields && fsm_target_same(&own->target, &facts->wanted));
}

struct fsm_entry fsm_entry_of(
	const struct fsm_record *record, const struct fsm_facts *facts, bool in_place)
{
	struct fsm_entry ret = { .yields = false };

	if (facts->own)
		ret = *facts->own;
	if (!facts->option_valid)
		return ret;
	ret.target = facts->wanted;
	ret.holds = facts->hold_wanted;
	if (facts->reachable && facts->flight == FSM_FLIGHT_NONE)
		ret.yields = record->state == FSM_STATE_BLOCKED && !in_place;
	ret.yields |= is_late(facts);
	return ret;
}
