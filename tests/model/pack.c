/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record in few bytes and back. What the model's time cannot tell apart becomes the same here:
 * this is where the nodes become finitely many.
 */
#include <assert.h>
#include <string.h>

#include "fsm/failure.h"
#include "fsm/probation.h"
#include "fsm/status.h"
#include "tests/model/model.h"

enum {
	NOW = 1750000000,
	UPTIME = 100000,
	LATER = 30, /* until a next try that is not due */
	HOUR = 3600,
	DAY = 24 * HOUR,
	CONTESTED = 6, /* more makes no difference */
	TEXTS = 250,
	KNOWN = 4096,
};

static char texts[TEXTS][FSM_DETAIL_MAX + 1];
static struct fsm_status_line tolds[TEXTS];
static unsigned text_count = 1, told_count = 1; /* 0: "" and nothing told yet */

int64_t model_uptime(void)
{
	return UPTIME;
}

int64_t model_now(void)
{
	return NOW;
}

const char *channel_name(unsigned channel)
{
	static const char *const names[] = { "", "latest/a", "latest/b" };

	assert(channel <= B);
	return names[channel];
}

/* Revisions, and what holds are called: "" for none. */
const char *revision_name(unsigned revision)
{
	static const char *const names[] = { "", "1", "2", "3" };

	assert(revision <= 3);
	return names[revision];
}

static uint8_t number_of(const char *name, const char *(*name_of)(unsigned))
{
	uint8_t number = 0;

	while (strcmp(name_of(number), name) != 0)
		number++;
	return number;
}

struct fsm_target target_of(unsigned target)
{
	struct fsm_target ret = fsm_target_of(channel_name(target % REVISION));

	ret.revision = target / REVISION;
	return ret;
}

uint8_t code_of(const struct fsm_target *target)
{
	return (uint8_t)(number_of(target->channel, channel_name) + REVISION * target->revision);
}

uint8_t code_of_goal(const char *goal)
{
	return number_of(goal, channel_name);
}

static uint8_t text_of(const char *text)
{
	unsigned i = 0;

	while (i < text_count && strcmp(texts[i], text) != 0)
		i++;
	if (i == text_count) {
		assert(text_count < TEXTS);
		strcpy(texts[text_count++], text);
	}
	return (uint8_t)i;
}

void failure_of(const struct failure *failure, struct fsm_failure *ret)
{
	*ret = (struct fsm_failure){
		.class = failure->class,
		.op = failure->op,
		.reason = failure->reason,
		.attempts = failure->attempts,
	};
	if (failure->class == FSM_CLASS_NONE)
		return;
	ret->target = target_of(failure->target);
	strcpy(ret->detail, texts[failure->detail]);
	ret->tried = ret->answered = failure->recent ? NOW : NOW - HOUR;
	ret->next_try = failure->due ? NOW : NOW + LATER;
}

/* That it was tried before makes a difference to a lost request only. */
static uint8_t attempts_of(const struct fsm_failure *failure)
{
	return failure->class == FSM_CLASS_PASSING && failure->attempts > 1 ? 2 : 1;
}

void keep_failure(const struct fsm_failure *failure, struct failure *ret)
{
	*ret = (struct failure){ 0 };
	if (failure->class == FSM_CLASS_NONE)
		return;
	*ret = (struct failure){
		.class = (uint8_t)failure->class,
		.op = (uint8_t)failure->op,
		.target = code_of(&failure->target),
		.reason = (uint8_t)failure->reason,
		.detail = text_of(failure->detail),
		.attempts = attempts_of(failure),
		.due = failure->next_try <= NOW,
		.recent = failure->answered == NOW,
	};
}

static void drift_of(const struct drift *drift, struct fsm_drift *ret)
{
	if (drift->times == 0)
		return;
	ret->target = target_of(drift->target);
	ret->times = drift->times;
	ret->put = drift->old ? NOW - 2 * DAY : drift->recent ? NOW : NOW - HOUR;
	ret->next_try = drift->due ? NOW : NOW + LATER;
}

static void keep_drift(const struct fsm_drift *drift, struct drift *ret)
{
	*ret = (struct drift){ 0 };
	if (drift->times == 0)
		return;
	*ret = (struct drift){
		.target = code_of(&drift->target),
		.times = (uint8_t)(drift->times < CONTESTED ? drift->times : CONTESTED),
		.due = drift->next_try <= NOW,
		.recent = drift->put == NOW,
		.old = drift->put < NOW - DAY,
	};
}

unsigned file_known(const struct database *db)
{
	return (unsigned)UNREAD - db->unfiled;
}

static void resource_of(const struct database *db, struct fsm_resource *ret)
{
	unsigned file = file_known(db);

	ret->supply = file == UNREAD     ? FSM_SUPPLY_NONE
		      : file == NO_FILE  ? FSM_SUPPLY_STORE
		      : file == BAD_FILE ? FSM_SUPPLY_BAD
					 : FSM_SUPPLY_FILE;
	ret->revision = ret->supply == FSM_SUPPLY_FILE ? file : 0;
}

static void refused_of(const struct refused *refused, struct fsm_refused *ret)
{
	ret->target = target_of(refused->target);
	ret->times = refused->times;
	ret->bad = refused->bad;
	ret->back = refused->back;
	ret->failed = refused->failed;
	ret->options = refused->options;
	strcpy(ret->detail, refused->back ? texts[refused->detail] : refused->times ? "cause" : "");
}

static void keep_refused(const struct fsm_refused *refused, struct refused *ret)
{
	ret->target = code_of(&refused->target);
	ret->times = (uint8_t)(refused->times < FSM_REFRESHES ? refused->times : FSM_REFRESHES);
	ret->bad = (uint8_t)refused->bad;
	ret->back = (uint8_t)refused->back;
	ret->failed = refused->failed;
	ret->options = (uint8_t)refused->options;
	ret->detail = refused->back ? text_of(refused->detail) : 0;
}

static void probation_of(const struct probation *probation, struct fsm_probation *ret)
{
	bool begun = probation->revision != 0;

	*ret = (struct fsm_probation){
		.before = target_of(probation->before),
		.well = probation->well,
		.since = !begun ? 0 : UPTIME - (probation->old ? HOUR : 0),
		.quiet = probation->restless ? UPTIME : 0,
		.looks = probation->looked ? FSM_LOOKS : 0,
	};
	strcpy(ret->revision, revision_name(probation->revision));
	strcpy(ret->services, probation->services ? SERVICES : "");
	strcpy(ret->boot, begun ? BOOT : "");
}

static void keep_probation(const struct fsm_probation *probation, struct probation *ret)
{
	bool begun = *probation->revision;

	*ret = (struct probation){
		.revision = number_of(probation->revision, revision_name),
		.before = code_of(&probation->before),
		.services = *probation->services != 0,
		.well = probation->well,
		.old = begun && probation->since < UPTIME,
		.looked = probation->looks == FSM_LOOKS,
		.restless = probation->quiet == UPTIME,
	};
}

/* What was taken and returned has no goal, but where it is stuck there. */
static void keep_ticket(const struct fsm_ticket *ticket, struct ticket *ret)
{
	bool held = fsm_ticket_held(ticket);
	bool stuck = ticket->word == FSM_SAYS_STUCK || ticket->word == FSM_SAYS_STILL;

	*ret = (struct ticket){
		.taken = (uint8_t)ticket->taken,
		.goal = held || stuck ? code_of_goal(ticket->goal) : 0,
		.well = held && ticket->well,
		.returned = (uint8_t)ticket->returned,
		.word = (uint8_t)ticket->word,
		.asked = ticket->asked,
		.pending = ticket->pending,
		.wide = ticket->wide,
	};
}

static void ticket_of(const struct ticket *ticket, struct fsm_ticket *ret)
{
	ret->taken = ticket->taken;
	strcpy(ret->goal, channel_name(ticket->goal));
	ret->well = ticket->well;
	ret->returned = ticket->returned;
	ret->word = ticket->word;
	ret->asked = ticket->asked;
	ret->pending = ticket->pending;
	ret->wide = ticket->wide;
}

void forget_trial(struct database *db)
{
	const struct probation none = { 0 };

	db->probation = none;
	db->refused.bad = db->refused.options = 0;
	db->found = 0;
}

struct fsm_pace model_stand(void)
{
	return (struct fsm_pace){ .change = 1, .way = FSM_WAY_DOES, .since = model_now() - 3600 };
}

/* Where a change in flight is makes no difference while it moves. */
void record_of(const struct database *db, struct fsm_record *ret)
{
	*ret = (struct fsm_record){
		.state = db->state,
		.reason = db->reason,
		.intent = { .op = db->op,
			.phase = db->phase,
			.change = db->change,
			.aborted = db->aborted },
		.order = { .kind = db->order.kind,
			.revision = db->order.revision,
			.since = db->order.kind == FSM_ORDER_NONE ? 0
				 : db->order.old                  ? NOW - HOUR
								  : NOW },
		.hold = { .held = db->hold.held, .ours = db->hold.ours },
		.ours = db->ours,
		.marked = db->marked,
		.retired = db->retired,
		.stopping = db->stopping,
	};
	ret->target = target_of(db->target);
	strcpy(ret->detail, texts[db->detail]);
	ret->intent.target = target_of(db->to);
	failure_of(&db->failure, &ret->failure);
	drift_of(&db->drift, &ret->drift);
	refused_of(&db->refused, &ret->refused);
	probation_of(&db->probation, &ret->probation);
	ret->update.asked = db->found ? NOW : 0;
	resource_of(db, &ret->resource);
	ticket_of(&db->ticket, &ret->ticket);
	strcpy(ret->peers.waits, channel_name(db->waits));
	strcpy(ret->tracking, channel_name(db->tracking));
	strcpy(ret->revision, revision_name(db->revision));
	strcpy(ret->version, revision_name(db->revision));
	strcpy(ret->reverted, revision_name(db->reverted));
	strcpy(ret->hold.until, revision_name(db->hold.until));
	if (db->reason == FSM_REASON_OWN_STANDS || db->reason == FSM_REASON_FOREIGN_STANDS)
		ret->pace = model_stand();
}

/* Keeps what time alone changes: whether the intent is aged. A new one is not. */
void keep_record(const struct fsm_record *record, struct database *ret)
{
	bool same = ret->op == record->intent.op && ret->phase == record->intent.phase &&
		    ret->phase == FSM_PHASE_ASKED;

	ret->state = (uint8_t)record->state;
	ret->target = code_of(&record->target);
	ret->reason = (uint8_t)record->reason;
	ret->detail = text_of(record->detail);
	ret->aged = same && ret->aged;
	ret->op = (uint8_t)record->intent.op;
	ret->to = code_of(&record->intent.target);
	ret->phase = (uint8_t)record->intent.phase;
	ret->change = (uint8_t)record->intent.change;
	ret->aborted = record->intent.aborted;
	keep_failure(&record->failure, &ret->failure);
	keep_drift(&record->drift, &ret->drift);
	keep_refused(&record->refused, &ret->refused);
	keep_probation(&record->probation, &ret->probation);
	keep_ticket(&record->ticket, &ret->ticket);
	ret->waits = code_of_goal(record->peers.waits);
	ret->found = record->update.asked == NOW;
	ret->order = (struct given){
		.kind = (uint8_t)record->order.kind,
		.revision = (uint8_t)record->order.revision,
		.old = record->order.kind != FSM_ORDER_NONE && record->order.since < NOW,
	};
	ret->hold = (struct held){
		.until = number_of(record->hold.until, revision_name),
		.held = record->hold.held,
		.ours = record->hold.ours,
	};
	ret->ours = record->ours;
	ret->marked = record->marked;
	ret->retired = record->retired;
	ret->stopping = record->stopping;
	ret->tracking = number_of(record->tracking, channel_name);
	ret->revision = number_of(record->revision, revision_name);
	ret->reverted = number_of(record->reverted, revision_name);
}

static uint8_t intern_told(const struct fsm_status_line *told)
{
	unsigned i = 1;

	while (i < told_count &&
		(tolds[i].status != told->status || strcmp(tolds[i].message, told->message) != 0))
		i++;
	if (i == told_count) {
		assert(told_count < TEXTS);
		tolds[told_count++] = *told;
	}
	return (uint8_t)i;
}

/* The same few records are asked about again and again, and a text takes its time. */
uint8_t told_of(const struct database *db)
{
	static struct {
		struct database db;
		uint8_t told;
	} known[KNOWN];
	const unsigned char *bytes = (const unsigned char *)db;
	struct fsm_record record;
	struct fsm_status_line told;
	unsigned slot = 0;

	for (size_t i = 0; i < sizeof *db; i++)
		slot = slot * 31 + bytes[i];
	slot %= KNOWN;
	if (!known[slot].told || memcmp(&known[slot].db, db, sizeof *db) != 0) {
		record_of(db, &record);
		told = fsm_status_line(&record, "");
		known[slot].db = *db;
		known[slot].told = intern_told(&told);
	}
	return known[slot].told;
}

void tell_record(uint8_t told, struct fsm_record *ret)
{
	ret->told_status = tolds[told].status;
	strcpy(ret->told_message, tolds[told].message);
}

const char *told_text(uint8_t told)
{
	return told ? tolds[told].message : "nothing yet";
}
