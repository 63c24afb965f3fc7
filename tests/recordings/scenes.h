/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened to the recorded machines outside of HTTP. The replay does the same to the stand-in,
 * to bring it into the same situation. The rows are found by the names of the exchanges.
 */
#ifndef TESTS_RECORDINGS_SCENES_H
#define TESTS_RECORDINGS_SCENES_H

enum scene_when {
	SCENE_BEFORE,
	SCENE_DURING,
	SCENE_AFTER
};

enum scene_verb {
	/* A command for the control socket, after the recorded id of the change that it makes. */
	SCENE_TELL,
	/*
	 * A number of steps, or steps until a task is Doing: its kind, or how its summary begins.
	 */
	SCENE_STEP,
	SCENE_FINISH,    /* run every change to its end */
	SCENE_STAY,      /* the change of the exchange goes on: do not run it to its end */
	SCENE_POST,      /* a request about microsample that was not recorded: its body */
	SCENE_HANG_UP,   /* the same, and the client is gone before the answer */
	SCENE_ABORT,     /* abort the newest change, which has just begun */
	SCENE_RESTART,   /* the daemon is stopped and started */
	SCENE_KILL,      /* the daemon is killed and started */
	SCENE_ASK,       /* send the recorded request again */
	SCENE_ASK_DYING, /* the same, to a daemon that is killed before it reads it */
};

struct scene {
	const char *version; /* NULL = both */
	const char *name;    /* of the exchange, without its number */
	enum scene_when when;
	enum scene_verb verb;
	const char *text;
};

/*
 * The next row for NAME of VERSION after PREVIOUS (NULL = from the start); NULL if there is none.
 */
const struct scene *scene_next(const struct scene *previous, const char *version, const char *name);

/* How many rows there are for VERSION. */
int scene_count(const char *version);

#endif
