/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes and moves for people. */
#include <stdio.h>

#include "fsm/names.h"
#include "tests/model/model.h"

#define HOOK(name, text, traits) text,
static const char *const hooks[] = { FSM_HOOKS(HOOK) };
#undef HOOK
static const char *const snaps[] = { "absent", "fine", "disabled", "local", "down", "mute",
	"not enabled" };
static const char *const reaches[] = { "", ", snapd away", ", not seeded", ", snapd purged" };
static const char *const stores[] = { "has all", "lacks a", "lacks b", "is in trouble",
	"gives no revision by number" };
static const char *const holds[] = { "none", "long", "short", "over" };
static const char *const others[] = { "nobody", "its kin", "who wants a", "who wants b",
	"who yields", "somebody", "no register" };
static const char *const options[] = { "invalid", "a", "b" };
static const char *const stages[] = { "none", "doing", "done", "empty", "failed", "undoing" };
static const char *const pcs[] = { "idle", "look", "list", "tell", "act", "answer", "end" };

#define WORD(name, text)      text,
#define SEAT(name, text, ...) text,
static const char *const words[] = { FSM_WORDS(WORD) };
static const char *const seats[] = { FSM_SEATS(SEAT) };

#define FEATURE(name, text, disturbances, changes) text,
static const char *const features[] = { FEATURES(FEATURE) };
#undef FEATURE

const char *feature_name(enum feature feature)
{
	return features[feature];
}

/* A target: its channel, and its revision if there is one. */
static const char *target_name(unsigned target)
{
	static char ret[4][32];
	static unsigned i;

	i = (i + 1) % 4;
	(void)snprintf(ret[i], sizeof ret[i], "%s%s%s", channel_name(target % REVISION),
		target < REVISION ? "" : " at ", revision_name(target / REVISION));
	return ret[i];
}

static const char *kind_name(unsigned kind)
{
	return kind == AUTO_REFRESH ? "auto-refresh" : fsm_op_name((enum fsm_op)kind);
}

static const char *argument(struct move move, char ret[32])
{
	switch (move.kind) {
	case MOVE_HOOK:
	case MOVE_STRAY:
		return hooks[move.arg];
	case MOVE_STORE:
		return stores[move.arg];
	case MOVE_OPTION:
	case MOVE_SWITCH:
		return options[move.arg];
	case MOVE_FOREIGN:
		(void)snprintf(ret, 32, "%s %s", kind_name(move.arg % TARGET),
			target_name(move.arg / TARGET));
		return ret;
	case MOVE_UNDONE:
		return stages[move.arg];
	case MOVE_LEAVE:
		return move.arg == PURGED ? "for good" : "";
	case MOVE_FAIL:
		return move.arg ? "and leaves the service disabled" : "";
	case MOVE_STOP:
		return snaps[move.arg ? move.arg : DOWN];
	case MOVE_ROLLS:
		return move.arg ? "true" : "false";
	case MOVE_HOLDS:
		return holds[move.arg];
	case MOVE_ORDER:
		return fsm_order_name(move.arg);
	case MOVE_ATTACH:
		return move.arg == BAD_FILE ? "bad" : move.arg ? revision_name(move.arg) : "empty";
	case MOVE_PIN:
	case MOVE_PUBLISH:
		return move.arg ? revision_name(move.arg) : "0";
	case MOVE_NO_AUTO:
		return move.arg ? "false" : "true";
	case MOVE_OTHER:
		return others[move.arg];
	case MOVE_WIDTH:
		return move.arg ? "1" : "0";
	case MOVE_LEAD:
		return move.arg == NO_ROOM ? "has another one to go first"
					   : "gives what there is to give";
	case MOVE_OLD_TURN:
		return options[move.arg];
	default:
		return "";
	}
}

void show_move(struct move move)
{
#define MOVE(name, cost, in, text) text,
	static const char *const texts[] = { MOVES(MOVE) };
#undef MOVE
	char text[32];

	(void)printf(
		"%3u.%-3u %s %s\n", move.kind, move.arg, texts[move.kind], argument(move, text));
}

#define MARKER(name, owner, meaning) [FSM_MARKER_##name] = meaning,
static const char *const markers[] = { FSM_MARKERS(MARKER) };
#undef MARKER

static void show_note(const char *what, const struct note *note)
{
	(void)printf(
		", %s %u %s wants %s", what, note->number, words[note->word], options[note->wants]);
}

static void show_turns(const struct node *node)
{
	const struct turns *turns = &node->turns;

	(void)printf(", width %u, turn %u to %s %s wanted %s of %u, rollout %u to %s%s%s",
		node->width, turns->turn, options[turns->to], seats[turns->state],
		options[turns->wanted], turns->number, turns->start, options[turns->goal],
		turns->over ? " over" : "", node->signal ? " (signal)" : "");
	show_note("bag", &node->note);
	if (node->bags & BAG_KNOWN)
		show_note("noted", &node->noted);
	if (node->bags & BAG_WRITTEN)
		show_note("wrote", &node->wrote);
}

static void show_ticket(const struct ticket *ticket)
{
	(void)printf("; ticket %u to %s%s, %u %s%s%s%s", ticket->taken, options[ticket->goal],
		ticket->well ? " well" : "", ticket->returned, words[ticket->word],
		ticket->asked ? " asked" : "", ticket->pending ? " pending" : "",
		ticket->wide ? " wide" : "");
}

static void show_world(const struct node *node)
{
	(void)printf("        snap %s %s%s, marker: %s%s, store %s, option %s", snaps[node->snap],
		channel_name(node->track), node->truly_ours ? " (ours)" : "", markers[node->marker],
		reaches[node->reach], stores[node->store], options[node->option]);
	if (node->newest)
		(void)printf(", revision %s%s of %s, hold %s%s%s, options: revision %u%s",
			revision_name(node->revision), node->previous ? " (one before)" : "",
			revision_name(node->newest), holds[node->hold],
			revision_name(node->hold_id), node->hold_ours ? " (ours)" : "", node->pin,
			node->no_auto ? ", no auto-refresh" : "");
	if (IN_REGISTER & 1u << node->feature)
		(void)printf(", beside %s, entered %s%s", others[node->other],
			options[node->said / 2], node->said & 1 ? " (yields)" : "");
	if (node->feature == FEATURE_RESOURCE)
		(void)printf(", file %u%s, known %u", node->file, node->hidden ? " (hidden)" : "",
			file_known(&node->db));
	if (IN_TRIED & 1u << node->feature)
		(void)printf(", rollback %s%s", node->rolls ? "on" : "off",
			node->restless ? ", restless" : "");
	if (in_fleet(node))
		show_turns(node);
	if (node->air.op)
		(void)printf(", on the way: %s %s", kind_name(node->air.op),
			target_name(node->air.target));
	for (int i = 0; i < CHANGES; i++)
		if (node->changes[i].stage)
			(void)printf(", %s change %d%s: %s %s %s",
				node->changes[i].ours ? "our" : "foreign", i + 1,
				node->changes[i].ordered ? " by order" : "",
				kind_name(node->changes[i].kind),
				target_name(node->changes[i].target),
				stages[node->changes[i].stage]);
	(void)printf("\n");
}

static void show_record(const struct database *db)
{
	(void)printf("        %s %s, %s%s%s%s", fsm_state_name(db->state), target_name(db->target),
		fsm_reason_name(db->reason),
		db->marked ? ", marked as ours"
		: db->ours ? ", ours"
			   : "",
		db->retired ? ", retired" : "", db->stopping ? ", stopping" : "");
	if (db->op)
		(void)printf("; intent %s %s %s %u%s%s", fsm_op_name(db->op), target_name(db->to),
			fsm_phase_name(db->phase), db->change, db->aged ? " aged" : "",
			db->aborted ? " to be aborted" : "");
	if (db->order.kind)
		(void)printf("; order %s %s%s", fsm_order_name(db->order.kind),
			revision_name(db->order.revision), db->order.old ? " old" : "");
	if (db->hold.until)
		(void)printf("; hold %s%s%s", revision_name(db->hold.until),
			db->hold.held ? "" : " over", db->hold.ours ? " ours" : "");
	if (db->ticket.wide || db->ticket.taken || db->ticket.returned)
		show_ticket(&db->ticket);
	if (db->reverted)
		(void)printf("; reverted to %s", revision_name(db->reverted));
	if (db->failure.class)
		(void)printf("; failure %s %s %s %s x%u%s%s", fsm_class_name(db->failure.class),
			fsm_op_name(db->failure.op), target_name(db->failure.target),
			fsm_reason_name(db->failure.reason), db->failure.attempts,
			db->failure.due ? " due" : "", db->failure.recent ? " recent" : "");
	if (db->drift.times > 1)
		(void)printf("; drift %s x%u%s%s", target_name(db->drift.target), db->drift.times,
			db->drift.due ? " due" : "", db->drift.old ? " old" : "");
	if (db->refused.times)
		(void)printf("; refused %s x%u, was %u, back to %u%s%s",
			target_name(db->refused.target), db->refused.times, db->refused.bad,
			db->refused.back, db->refused.failed ? ", failed" : "",
			db->found ? ", found" : "");
	if (db->probation.before)
		(void)printf("; probation of %u, before %s%s%s%s%s", db->probation.revision,
			target_name(db->probation.before), db->probation.well ? " well" : "",
			db->probation.old ? " old" : "", db->probation.looked ? " looked" : "",
			db->probation.restless ? " restless" : "");
	(void)printf("\n");
}

void show_node(const struct node *node)
{
	show_world(node);
	show_record(&node->db);
	if (node->pc != IDLE)
		(void)printf("        %s %s: %s, %s on %s, %u requests\n",
			node->given ? "action" : "hook",
			node->given ? fsm_order_name(node->given) : hooks[node->hook],
			pcs[node->pc], fsm_effect_name(node->effect), fsm_event_name(node->event),
			node->requests);
	(void)printf("        Juju shows: %s%s\n", told_text(node->shown),
		node->again ? " (a hook is to run)" : "");
}
