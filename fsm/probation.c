/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/probation.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const int looks[FSM_LOOKS] = { 10, 30, 60, 120, 300 }; /* seconds */

int fsm_probation_look(unsigned number)
{
	assert(number < FSM_LOOKS);
	return looks[number];
}

bool fsm_mute(const struct fsm_record *record, const struct fsm_facts *facts)
{
	return facts->probe == FSM_PROBE_MUTE && !record->lenient;
}

bool fsm_sick(const struct fsm_record *record, const struct fsm_facts *facts)
{
	return facts->present &&
	       (*facts->service_down || *facts->health || fsm_mute(record, facts));
}

const char *fsm_symptom(const struct fsm_facts *facts)
{
	return *facts->service_down ? "service is down"
	       : *facts->health     ? facts->health
				    : facts->mute;
}

static int64_t number_of(const char *revision)
{
	long long number = text_number(revision);

	return number > 0 ? number : 0; /* x1, a local build */
}

static bool is_at(int64_t revision, const char *shown)
{
	return revision != 0 && number_of(shown) == revision;
}

void fsm_probation_prepare(struct fsm_record *record, const struct fsm_facts *facts)
{
	struct fsm_probation *probation = &record->probation;

	*probation = (struct fsm_probation){
		.before = fsm_target_of(facts->tracking),
		.well = !facts->unserved && !fsm_sick(record, facts),
	};
	probation->before.revision = number_of(facts->revision);
	text_ascii(probation->services, sizeof probation->services, facts->services);
}

/* The clock of a boot that is over stands still: what it counted begins again. */
static void count_from(struct fsm_probation *probation, const struct fsm_facts *facts)
{
	probation->since = facts->uptime;
	if (probation->quiet)
		probation->quiet = facts->uptime;
	text_ascii(probation->boot, sizeof probation->boot, facts->boot);
}

void fsm_probation_begin(struct fsm_record *record, const struct fsm_facts *facts)
{
	struct fsm_probation *probation = &record->probation;

	/* Where it led to is told by its change, if that led anywhere: somebody may have moved it since. */
	if (!facts->present || probation->before.revision == 0 ||
		(facts->fetched != 0 && !is_at(facts->fetched, facts->revision)))
		return;
	text_ascii(probation->revision, sizeof probation->revision, facts->revision);
	count_from(probation, facts);
}

static bool is_on(const struct fsm_record *record, const struct fsm_facts *facts)
{
	const struct fsm_probation *probation = &record->probation;

	return facts->present && *probation->revision &&
	       strcmp(probation->revision, facts->revision) == 0;
}

static int64_t age_of(const struct fsm_probation *probation, const struct fsm_facts *facts)
{
	return facts->uptime - probation->since;
}

void fsm_probation_see(struct fsm_record *record, const struct fsm_facts *facts)
{
	struct fsm_probation *probation = &record->probation;

	/* What runs of the revision that is to be left may die once more. */
	if (probation->quiet && facts->serves && !*facts->service_down &&
		!is_at(record->order.revision, facts->revision))
		probation->quiet = facts->uptime;
	if (!*probation->revision)
		return;
	if (strcmp(probation->boot, facts->boot) != 0)
		count_from(probation, facts);
	if (record->order.kind == FSM_ORDER_ROLLBACK)
		return;
	if (facts->lost)
		probation->before.revision = 0;
	/* Somebody else moved it: what became of ours cannot be seen any more. */
	if (!is_on(record, facts))
		*probation = (struct fsm_probation){ .revision = "" };
}

void fsm_probation_seen(struct fsm_record *record, const struct fsm_facts *facts)
{
	struct fsm_probation *probation = &record->probation;

	if (!is_on(record, facts) || record->order.kind == FSM_ORDER_ROLLBACK)
		return;
	while (probation->looks < FSM_LOOKS && age_of(probation, facts) >= looks[probation->looks])
		probation->looks++;
	if (probation->looks == FSM_LOOKS && !fsm_sick(record, facts))
		*probation = (struct fsm_probation){ .revision = "" };
}

bool fsm_on_probation(const struct fsm_record *record, const struct fsm_facts *facts)
{
	return is_on(record, facts) && record->probation.well &&
	       record->probation.before.revision != 0 && record->probation.looks < FSM_LOOKS;
}

bool fsm_way_back_matters(const struct fsm_record *record, const struct fsm_facts *facts)
{
	int64_t before = record->probation.before.revision;

	return is_on(record, facts) && record->order.kind == FSM_ORDER_NONE && before != 0 &&
	       !is_at(before, facts->revision) && fsm_sick(record, facts);
}

static bool has(const char *list, const char *name, size_t length)
{
	for (; *list; list += strspn(list, " ")) {
		size_t size = strcspn(list, " ");

		if (size == length && strncmp(list, name, length) == 0)
			return true;
		list += size;
	}
	return false;
}

void fsm_lost_services(
	const struct fsm_probation *probation, const char *enabled, char ret[FSM_SERVICES_MAX + 1])
{
	size_t used = 0;

	ret[0] = '\0';
	for (const char *name = probation->services; *name; name += strspn(name, " ")) {
		size_t length = strcspn(name, " ");

		/* They are some of a list that fits. */
		if (!has(enabled, name, length))
			used += (size_t)snprintf(ret + used, FSM_SERVICES_MAX + 1 - used, "%s%.*s",
				used ? " " : "", (int)length, name);
		name += length;
	}
}

enum fsm_effect fsm_rollback_step(const struct fsm_record *record, const struct fsm_facts *facts)
{
	const struct fsm_probation *probation = &record->probation;
	int64_t back = record->order.revision; /* 0: snapd could not go there */
	char lost[FSM_SERVICES_MAX + 1];

	if (back != 0 && !is_at(back, facts->revision))
		return FSM_DO_REVERT;
	fsm_lost_services(probation, facts->services, lost);
	if (*lost)
		return FSM_DO_START;
	if (back != 0 && *probation->before.channel &&
		strcmp(facts->tracking, probation->before.channel) != 0)
		return FSM_DO_SWITCH;
	return FSM_DO_NOTHING;
}

bool fsm_restless(const struct fsm_record *record, const struct fsm_facts *facts)
{
	const struct fsm_probation *probation = &record->probation;
	bool rollback = record->order.kind == FSM_ORDER_ROLLBACK;
	bool starts = !rollback || fsm_rollback_step(record, facts) != FSM_DO_SWITCH;
	/* The age of a person's order is told by the clock of people: it is dropped when that is set back. */
	int64_t waited = rollback ? age_of(probation, facts) : facts->now - record->order.since;

	return probation->quiet != 0 && starts && facts->uptime - probation->quiet < FSM_QUIET &&
	       waited < FSM_RESTLESS;
}

static bool was_rolled_back(const struct fsm_record *record, const struct fsm_facts *facts)
{
	return record->refused.back != 0 && facts->option_valid && facts->present &&
	       record->order.kind == FSM_ORDER_NONE &&
	       fsm_target_same(&record->refused.target, &facts->wanted);
}

static bool tracks(const struct fsm_facts *facts)
{
	return strcmp(facts->tracking, facts->wanted.channel) == 0;
}

bool fsm_rolled(const struct fsm_record *record, const struct fsm_facts *facts)
{
	const struct fsm_refused *refused = &record->refused;

	if (!was_rolled_back(record, facts) || refused->failed)
		return false;
	/* Where it went is the wanted channel, if that is where the bad revision came from as well. */
	return tracks(facts)
		       ? refused->back != refused->bad && is_at(refused->back, facts->revision)
		       : refused->back == refused->bad || !is_at(refused->bad, facts->revision);
}

bool fsm_unrolled(const struct fsm_record *record, const struct fsm_facts *facts)
{
	const struct fsm_refused *refused = &record->refused;

	/* What is to be left may run once more, as well as it did before it spoilt the snap. */
	return was_rolled_back(record, facts) && refused->failed &&
	       (!tracks(facts) || is_at(refused->back, facts->revision) ||
		       is_at(refused->bad, facts->revision));
}
