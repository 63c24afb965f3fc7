/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends the recorded exchanges with one version of snapd to the stand-in, in their order.
 */
#ifndef TESTS_RECORDINGS_REPLAY_H
#define TESTS_RECORDINGS_REPLAY_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/buf.h"
#include "tests/recordings/scenes.h"
#include "tests/recordings/wire.h"
#include "tests/sandbox/snapd_proc.h"

struct replay {
	const char *version;
	struct snapd_proc snapd;
	bool frozen;        /* it was stopped, and must be killed */
	char state[128];    /* the file in which it keeps its state */
	cJSON *file;        /* the recordings */
	cJSON *ids;         /* recorded id of a change: its id here */
	cJSON *changes;     /* "name/id": a change as recorded in the exchange NAME; not owned */
	cJSON *looks;       /* id of a change here: every look of it so far */
	cJSON *left;        /* for each reason, how many exchanges are left out */
	cJSON *extra;       /* ids here of changes that match no recorded one */
	char newest[24];    /* the change made last, here */
	int scenes;         /* rows whose exchange was found */
	int replayed;       /* exchanges */
	int failed;         /* of these */
	int unseen;         /* changes that only later lists show, made and compared too */
	int listed;         /* changes compared in lists */
	int unlisted;       /* changes in lists that came from requests that are left out */
	int looks_recorded; /* distinct looks of changes */
	int looks_shown;    /* of these shown here, task by task */
	struct buf report;  /* what differs */
};

/*
 * Reads PATH, starts the stand-in in FOLDER, replays everything, ends it. Aborts without the file.
 */
void replay_run(struct replay *replay, const char *path, const char *folder);
void replay_done(struct replay *replay);

/* --- for the parts of the replay ----------------------------------------------------------- */

/* Sends REQUEST with its recorded ids replaced. */
void replay_ask(struct replay *replay, const cJSON *request, int limit,
	const struct wire_meanwhile *meanwhile, struct wire *ret);

/* Whether ANSWER is as RECORDED. Notes the id of a change that was made. */
bool replay_match(
	struct replay *replay, const cJSON *recorded, const struct wire *answer, struct buf *why);

/* Whether the change SEEN is RECORDED, or the one that RECORDED refers to. */
bool replay_match_change(
	struct replay *replay, const cJSON *recorded, const cJSON *seen, struct buf *why);

/* The id here of a recorded change; NULL when it was not made here. */
const char *replay_id(const struct replay *replay, const char *recorded);

/* A member of an object, NULL if it is missing; and its text, "" if it is not text. */
const cJSON *replay_member(const cJSON *object, const char *key);
const char *replay_text(const cJSON *object, const char *key);

/* For cleanup. */
void replay_delete(cJSON **json);

/*
 * --- changes in progress -----------------------------------------------------------------------
 */

/* GET of a change here. Caller deletes; aborts when there is none. */
cJSON *stage_change(struct replay *replay, const char *id);

/* Notes how CHANGE looks now. */
void stage_look(struct replay *replay, const cJSON *change);

/* The look of a change: the members of ABOUT, and a letter for each task. The caller frees it. */
char *stage_look_new(const cJSON *about, const char *tasks);

/* Makes one transition, and looks at the change ID. */
void stage_step(struct replay *replay, const char *id);

/* Runs the change ID to its end, and looks at it after each step. */
void stage_run(struct replay *replay, const char *id);

/* Runs every change to its end. */
void stage_finish(struct replay *replay);

/* A request about microsample that was not recorded; the change it makes is the newest. */
void stage_post(struct replay *replay, const char *body, int limit);

/* Aborts the newest change when its second task is about to begin, as in the recordings. */
void stage_abort(struct replay *replay);

/*
 * Does what the scenes say for WHEN. EXCHANGE names them; ASK is called for every SCENE_ASK and
 * SCENE_ASK_DYING.
 */
void stage_play(struct replay *replay, const cJSON *exchange, enum scene_when when,
	void (*ask)(void *data, enum scene_verb verb), void *data);

/* Stops or kills the stand-in, and starts it from its saved state. */
void stage_restart(struct replay *replay, bool kindly);

/* Freezes it; after that it may only be killed and started. */
void stage_freeze(struct replay *replay);

/*
 * --- the kinds of exchanges ---------------------------------------------------------------------
 */

/* Whether everything is as recorded; differences go to WHY. */
bool play_response(struct replay *replay, const cJSON *exchange, struct buf *why);
bool play_polls(struct replay *replay, const cJSON *exchange, struct buf *why);
bool play_watch(struct replay *replay, const cJSON *exchange, struct buf *why);
bool play_answers(struct replay *replay, const cJSON *exchange, struct buf *why);
bool play_unseen(struct replay *replay, const cJSON *exchange, struct buf *why);

#endif
