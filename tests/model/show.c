/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes and moves for people. */
#include <stdio.h>

#include "fsm/names.h"
#include "tests/model/model.h"

static const char *const hooks[] = { "update-status", "install", "start", "config-changed",
	"upgrade-charm", "stop", "remove" };
static const char *const snaps[] = { "absent", "fine", "disabled", "local", "down" };
static const char *const reaches[] = { "", ", snapd away", ", not seeded" };
static const char *const stores[] = { "has all", "lacks a", "lacks b", "is in trouble" };
static const char *const options[] = { "invalid", "a", "b" };
static const char *const stages[] = { "none", "doing", "done", "empty", "failed" };
static const char *const pcs[] = { "idle", "look", "list", "tell", "act", "answer", "end" };

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
		(void)snprintf(ret, 32, "%s %s", kind_name(move.arg % 8),
			move.arg / 8 ? options[move.arg / 8] : "");
		return ret;
	default:
		return "";
	}
}

void show_move(struct move move)
{
#define MOVE(name, cost, text) text,
	static const char *const texts[] = { MOVES(MOVE) };
#undef MOVE
	char text[32];

	(void)printf(
		"%3u.%-3u %s %s\n", move.kind, move.arg, texts[move.kind], argument(move, text));
}

#define MARKER(name, owner, meaning) [FSM_MARKER_##name] = meaning,
static const char *const markers[] = { FSM_MARKERS(MARKER) };
#undef MARKER

static void show_world(const struct node *node)
{
	(void)printf("        snap %s %s%s, marker: %s%s, store %s, option %s", snaps[node->snap],
		channel_name(node->track), node->truly_ours ? " (ours)" : "", markers[node->marker],
		reaches[node->reach], stores[node->store], options[node->option]);
	if (node->air.op)
		(void)printf(", on the way: %s %s", kind_name(node->air.op),
			channel_name(node->air.channel));
	for (int i = 0; i < CHANGES; i++)
		if (node->changes[i].stage)
			(void)printf(", %s change %d: %s %s %s",
				node->changes[i].ours ? "our" : "foreign", i + 1,
				kind_name(node->changes[i].kind),
				channel_name(node->changes[i].channel),
				stages[node->changes[i].stage]);
	(void)printf("\n");
}

static void show_record(const struct database *db)
{
	(void)printf("        %s %s, %s%s%s%s", fsm_state_name(db->state),
		channel_name(db->channel), fsm_reason_name(db->reason),
		db->marked ? ", marked as ours"
		: db->ours ? ", ours"
			   : "",
		db->retired ? ", retired" : "", db->stopping ? ", stopping" : "");
	if (db->op)
		(void)printf("; intent %s %s %s %u%s", fsm_op_name(db->op), channel_name(db->to),
			fsm_phase_name(db->phase), db->change, db->aged ? " aged" : "");
	if (db->failure.class)
		(void)printf("; failure %s %s %s %s x%u%s%s", fsm_class_name(db->failure.class),
			fsm_op_name(db->failure.op), channel_name(db->failure.channel),
			fsm_reason_name(db->failure.reason), db->failure.attempts,
			db->failure.due ? " due" : "", db->failure.recent ? " recent" : "");
	if (db->drift.times > 1)
		(void)printf("; drift %s x%u%s%s", channel_name(db->drift.channel), db->drift.times,
			db->drift.due ? " due" : "", db->drift.old ? " old" : "");
	if (db->refused.times)
		(void)printf(
			"; refused %s x%u", channel_name(db->refused.channel), db->refused.times);
	(void)printf("\n");
}

void show_node(const struct node *node)
{
	show_world(node);
	show_record(&node->db);
	if (node->pc != IDLE)
		(void)printf("        hook %s: %s, %s on %s, %u requests\n", hooks[node->hook],
			pcs[node->pc], fsm_effect_name(node->effect), fsm_event_name(node->event),
			node->requests);
	(void)printf("        Juju shows: %s%s\n", told_text(node->shown),
		node->again ? " (a hook is to run)" : "");
}
