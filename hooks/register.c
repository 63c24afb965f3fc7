/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/register.h"

#include <stdio.h>

#include "fsm/request.h"
#include "store/register.h"

enum {
	LOCK_TIME = 5 * 1000, /* milliseconds; others need a few */
};

static struct store_register list = { .fd = -1 };
static struct error why;

void register_take(const struct run *run, bool writes, struct fsm_facts *facts)
{
	enum store_register_use use = !writes                          ? STORE_REGISTER_LOOK
				      : fsm_going(&run->record, facts) ? STORE_REGISTER_LEAVE
								       : STORE_REGISTER_ENTER;

	why = (struct error){ 0 };
	facts->unlisted = "";
	if (store_register_open(
		    run->machine, use, LOCK_TIME, run->unit, run->directory, &list, &why) < 0) {
		log_say("%s", why.text);
		facts->unlisted = why.text;
	}
	facts->others = list.others;
	facts->others_count = list.count;
	facts->own = list.listed && !list.own.unknown ? &list.own : NULL;
}

static bool same(const struct fsm_entry *a, const struct fsm_entry *b)
{
	return fsm_target_same(&a->target, &b->target) && a->yields == b->yields &&
	       a->holds == b->holds;
}

bool register_keep(const struct run *run, const struct fsm_turn *turn, struct fsm_facts *facts)
{
	struct fsm_entry entry = turn->entry;

	if (turn->listing == FSM_LISTING_AS_IS)
		return true;
	if (turn->listing == FSM_LISTING_LEFT) {
		if (store_register_leave(&list, run->unit, &why) < 0)
			log_say("%s", why.text); /* the next unit on the machine sees to it */
		return true;
	}
	if (facts->own && same(facts->own, &entry))
		return true;
	(void)snprintf(entry.unit, sizeof entry.unit, "%s", run->unit);
	if (store_register_enter(&list, &entry, &why) == 0)
		return true;
	log_say("%s", why.text);
	facts->unlisted = why.text;
	return false;
}

void register_release(void)
{
	store_register_close(&list);
}
