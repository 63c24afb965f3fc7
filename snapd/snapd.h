/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client of snapd's REST API on its unix socket: one function for each request, plain structs as
 * answers.
 *
 * Promises: the client contacts only that socket (no proxy, no redirects, no name resolution). It
 * reads a body of at most 16 MiB. Every request has its own connection and its own time limit. A
 * POST is sent at most once. All text in the answers is NUL-terminated and limited in size, cut
 * between two characters. Otherwise it is as snapd sent it, so whoever shows it must escape it.
 *
 * A failure that is not an answer of snapd is ERROR_UNREACHABLE (nothing was sent),
 * ERROR_UNANSWERED (the request was sent, but no complete answer came), ERROR_LIMIT (the answer is
 * too large) or ERROR_FORMAT (the answer is not in snapd's envelope). After the last three, nobody
 * knows whether snapd carried out a POST. An error from snapd that a GET does not expect is
 * ERROR_FORMAT with the HTTP status as its code. Nothing is sent if the time limit is 0 or less, if
 * NAME is not a valid snap name, or if CHANNEL is not in full. In all of these cases RET is
 * untouched.
 */
#ifndef SNAPD_SNAPD_H
#define SNAPD_SNAPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/channel.h"
#include "base/error.h"

enum {
	SNAPD_WORD_SIZE = 64,
	SNAPD_TEXT_SIZE = 256,
	SNAPD_BODY_MAX = 16 * 1024 * 1024,
};

struct snapd;

/* The versions of libcurl and of cJSON that this program runs with. */
const char *snapd_library(void);
const char *snapd_json_library(void);

/* A client for the socket at PATH. It sends nothing yet and does not initialise libcurl. */
struct snapd *snapd_open(const char *path);
void snapd_close(struct snapd *snapd); /* takes NULL */

/* How long each following GET may take, in milliseconds of monotonic time; 10 s by default. */
void snapd_limit(struct snapd *snapd, int64_t milliseconds);

/* GET /v2/system-info. */
struct snapd_system {
	char version[SNAPD_WORD_SIZE];
	char architecture[SNAPD_WORD_SIZE];
};
int snapd_get_system(struct snapd *snapd, struct snapd_system *ret, struct error *err);

/*
 * GET /v2/snaps/system/conf?keys=seed.loaded: false when snapd says so or has no such option yet.
 * Only root may ask. A refusal for that reason counts as seeded, because the POST will then show
 * it.
 */
int snapd_get_seeded(struct snapd *snapd, bool *ret, struct error *err);

/* GET /v2/snaps/NAME; PRESENT is false for snapd's snap-not-found. */
struct snapd_snap {
	bool present;
	bool active;                  /* status is "active"; a disabled snap is only "installed" */
	bool broken;                  /* snapd cannot read it ... */
	char damage[SNAPD_TEXT_SIZE]; /* ... because of this */
	bool local;                   /* without assertion: no snap id, or a revision x1, x2, ... */
	char revision[SNAPD_WORD_SIZE];
	char version[SNAPD_WORD_SIZE];
	char tracking[CHANNEL_SIZE]; /* tracking-channel in full; "" when there is none */
	char channel[CHANNEL_SIZE];  /* where the revision came from, in full; "" if not from one */
	/*
	 * The system services that are to run all the time; a oneshot or a service with activators
	 * need not. Of a snap that has none, and when snapd did not say (no `apps` key), nothing is true.
	 */
	bool serves;   /* one of them runs */
	bool unserved; /* none of them is enabled */
	char service_down
		[SNAPD_WORD_SIZE]; /* the first one that is enabled and does not run, or "" */
	/* "blocked: MESSAGE" or "error: MESSAGE", when the revision that is there said so of itself. */
	char health[SNAPD_TEXT_SIZE];
};
int snapd_get_snap(
	struct snapd *snapd, const char *name, struct snapd_snap *ret, struct error *err);

enum snapd_progress {         /* how far a change is, by `ready` and then by `status` */
	SNAPD_CHANGE_RUNNING, /* not ready, whatever its status says */
	SNAPD_CHANGE_WAITING, /* not ready, status Wait: for a reboot */
	SNAPD_CHANGE_UNDOING, /* not ready, and being rolled back */
	SNAPD_CHANGE_DONE,    /* ready and Done, and it did something */
	SNAPD_CHANGE_EMPTY, /* ready and Done, but aborted before it did anything (tasks on Hold) */
	SNAPD_CHANGE_FAILED, /* ready and not Done: Error, Undone, Hold */
	SNAPD_CHANGE_COUNT,
};

struct snapd_change {
	int64_t id;
	char kind[SNAPD_WORD_SIZE]; /* install-snap, auto-refresh, ... */
	char status[SNAPD_WORD_SIZE];
	enum snapd_progress progress;
	char error[SNAPD_TEXT_SIZE]; /* the first failed task: "<summary> (<cause>)", one line */
	char task[SNAPD_TEXT_SIZE];  /* summary of the task that runs, or else waits; or "" */
	char task_kind[SNAPD_WORD_SIZE]; /* its kind: download-snap, run-hook, ... */
	int64_t done, total;             /* its progress (bytes for a download), 0/0 when unknown */
	bool stopped; /* the snap's services were stopped for it, or were about to be */
	int64_t steps_done, steps; /* tasks that have ended, and all tasks; shows any progress */
};

/* GET /v2/changes/ID; RET->id is 0 if snapd does not know it (snapd deletes it after a day). */
int snapd_get_change(struct snapd *snapd, int64_t id, struct snapd_change *ret, struct error *err);

struct snapd_changes {
	size_t count;              /* how many are in the list below */
	struct snapd_change *list; /* by ascending id */
};
void snapd_changes_done(struct snapd_changes *changes); /* frees the list; takes NULL */

/*
 * GET /v2/changes?select=in-progress|all&for=NAME, without the kinds that never conflict with a
 * request (pre-download, become-operational). snapd lists changes in random order; here they are
 * sorted.
 */
int snapd_get_changes(struct snapd *snapd, const char *name, bool all, struct snapd_changes *ret,
	struct error *err);

/* What snapd answered to a POST. */
enum snapd_verdict {
	SNAPD_ACCEPTED,          /* 202: CHANGE is the id */
	SNAPD_ALREADY_INSTALLED, /* snap-already-installed */
	SNAPD_NOT_INSTALLED,     /* snap-not-installed, and the 404 snap-not-found of a removal */
	SNAPD_NO_UPDATE,         /* snap-no-update-available */
	SNAPD_CONFLICT,          /* snap-change-conflict, or 409 of any kind */
	SNAPD_UNSEEDED,          /* the same, and the change in the way is that of the seeding */
	SNAPD_CHANNEL_MISSING,   /* snap-channel-not-available */
	SNAPD_ARCH_MISSING,      /* snap-architecture-not-available */
	SNAPD_REVISION_MISSING,  /* snap-revision-not-available */
	SNAPD_SNAP_MISSING,      /* snap-not-found */
	SNAPD_LOCAL,             /* snap-local */
	SNAPD_NEEDS_CLASSIC,     /* snap-needs-classic, snap-needs-classic-system */
	SNAPD_NEEDS_DEVMODE,     /* snap-needs-devmode */
	SNAPD_DENIED,            /* login-required, auth-cancelled, 401, 403 */
	SNAPD_DISK_FULL,         /* insufficient-disk-space, 507 */
	SNAPD_TIMEOUT,           /* network-timeout */
	SNAPD_DEGRADED,          /* 500: snapd cannot work on this system */
	SNAPD_STORE,   /* no kind, and words about a URL: the Snap Store was not reached */
	SNAPD_TROUBLE, /* anything else: only the message tells */
	SNAPD_VERDICT_COUNT
};

struct snapd_answer {
	enum snapd_verdict verdict;
	int status;                    /* of HTTP */
	int64_t change;                /* with SNAPD_ACCEPTED, never 0 */
	char kind[SNAPD_WORD_SIZE];    /* of the error, "" if it has none */
	char message[SNAPD_TEXT_SIZE]; /* of the error, in one line, never "" */
	/*
	 * With CHANNEL_MISSING: the channels for this architecture, "candidate, edge, 2.0/stable":
	 * latest first, each track from stable to edge, cut after a whole channel. Safe to show.
	 */
	char releases[SNAPD_TEXT_SIZE];
};

/*
 * POST /v2/snaps/NAME {"action": ACTION}, with LIMIT milliseconds to answer. ACTION is one of:
 *   install, refresh  to CHANNEL in full, track/risk[/branch]: snapd asks the Snap Store, which may
 *                     take 40 s; refresh sends ignore-running
 *   remove            CHANNEL is ""; it does not purge, so snapd keeps a snapshot of the data
 * Anything else is not sent.
 */
int snapd_post(struct snapd *snapd, const char *name, const char *action, const char *channel,
	int64_t limit, struct snapd_answer *ret, struct error *err);

#endif
