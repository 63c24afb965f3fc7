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
 * NAME is not a valid snap name, or if a request carries what its action does not take. In all of these cases RET is
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
	SNAPD_SERVICES_SIZE = 1024,
	SNAPD_REVISIONS_MAX = 32, /* snapd keeps 20 at most (refresh.retain) */
	SNAPD_RELEASES_MAX = 256,
	SNAPD_FILES_MAX = 16,
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
	/*
	 * Every system service that is enabled, of whatever type, "web worker": as a request carries
	 * them. One that does not fit is left out.
	 */
	char enabled[SNAPD_SERVICES_SIZE];
	/*
	 * Until when refreshes are held: as snapd writes it, RFC 3339 with nanoseconds, which tells
	 * one hold from another; and in seconds since 1970, 0 when snapd shows none or none that can
	 * be read. It holds while it is later than now: snapd goes on showing one that is over.
	 * For ever is some 292 years ahead. Nothing tells the level.
	 */
	char hold[SNAPD_WORD_SIZE];
	int64_t hold_until;
	/* "blocked: MESSAGE" or "error: MESSAGE", when the revision that is there said so of itself. */
	char health[SNAPD_TEXT_SIZE];
};
int snapd_get_snap(
	struct snapd *snapd, const char *name, struct snapd_snap *ret, struct error *err);

/*
 * GET /v2/snaps?select=all&snaps=NAME: the revisions on disk, in snapd's order, the one that a revert
 * without a revision goes to just before the active one. None when the snap is not installed. More
 * than SNAPD_REVISIONS_MAX are ERROR_LIMIT, since a part of them could hide the one to go back to.
 */
struct snapd_revisions {
	size_t count;
	struct snapd_revision {
		char revision[SNAPD_WORD_SIZE]; /* 3, or x1 */
		char status[SNAPD_WORD_SIZE];   /* "active" or "installed" */
	} list[SNAPD_REVISIONS_MAX];
};
int snapd_get_revisions(
	struct snapd *snapd, const char *name, struct snapd_revisions *ret, struct error *err);

/*
 * GET /v2/find?name=NAME: what the Snap Store has, whether the snap is installed or not. snapd asks
 * it within this request, which takes 32 s and then ERROR_FORMAT with code 500 when the store is not
 * there; LIMIT, in milliseconds, is that of this request alone.
 */
struct snapd_release {
	char channel[CHANNEL_SIZE]; /* in full */
	char revision[SNAPD_WORD_SIZE];
	char version[SNAPD_WORD_SIZE];
	char released[SNAPD_WORD_SIZE]; /* when, as the store writes it */
	int64_t size;                   /* of the download in bytes, 0 when unknown */
};
struct snapd_releases {
	bool found; /* false: the store has no such snap, or none of its channels is open */
	size_t count;
	/*
	 * The open channels of this architecture, those that the option would take, latest first; each
	 * track from stable to edge; cut at SNAPD_RELEASES_MAX. A closed one is not among them.
	 */
	struct snapd_release *list;
};
void snapd_releases_done(struct snapd_releases *releases); /* frees the list; takes NULL */
int snapd_find(struct snapd *snapd, const char *name, int64_t limit, struct snapd_releases *ret,
	struct error *err);

/*
 * GET /v2/find?select=refresh, with a LIMIT as above: the revision that an auto-refresh would bring
 * to NAME if it is not held, "" for none. A held snap is listed, and a revision that was reverted
 * from is not; nor is anything of a snap that is disabled, local, or tracks a channel that is not
 * there. The store is asked for all snaps of the machine.
 */
struct snapd_update {
	char revision[SNAPD_WORD_SIZE];
};
int snapd_find_update(struct snapd *snapd, const char *name, int64_t limit,
	struct snapd_update *ret, struct error *err);

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
	bool stopped;     /* the snap's services were stopped for it, or were about to be */
	int64_t revision; /* that it makes current, 0 for none that has a number */
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
	SNAPD_ACCEPTED,          /* 202, of an abort 200: CHANGE is the id */
	SNAPD_ALREADY_INSTALLED, /* snap-already-installed */
	SNAPD_NOT_INSTALLED,     /* snap-not-installed; snap-not-found without the Snap Store */
	SNAPD_NO_UPDATE,         /* snap-no-update-available */
	SNAPD_CONFLICT,          /* snap-change-conflict, or 409 of any kind */
	SNAPD_UNSEEDED,          /* the same, and the change in the way is that of the seeding */
	SNAPD_CHANNEL_MISSING,   /* snap-channel-not-available */
	SNAPD_ARCH_MISSING,      /* snap-architecture-not-available */
	SNAPD_REVISION_MISSING,  /* snap-revision-not-available; the channel's, with a revision */
	SNAPD_NO_SERVICE,        /* app-not-found: none of that name, or none at all */
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
	int64_t change;                /* with SNAPD_ACCEPTED, never 0 but for assertions */
	char kind[SNAPD_WORD_SIZE];    /* of the error, "" if it has none */
	char message[SNAPD_TEXT_SIZE]; /* of the error, in one line, never "" */
	/*
	 * With CHANNEL_MISSING: the channels for this architecture, "candidate, edge, 2.0/stable":
	 * latest first, each track from stable to edge, cut after a whole channel. Safe to show.
	 */
	char releases[SNAPD_TEXT_SIZE];
};

/*
 * What is asked for; what an action does not carry is NULL (or "") or 0:
 *   install, refresh  to CHANNEL in full, track/risk[/branch], and there to REVISION, if one is
 *                     given: snapd asks the Snap Store, which may take 40 s; refresh sends
 *                     ignore-running. It obeys no hold, and after a revert it goes straight back.
 *   remove            does not purge, so snapd keeps a snapshot of the data
 *   revert            to REVISION, older or newer, which has to be on the disk
 *   switch            to CHANNEL in full: it is tracked, whether it is there or not; nothing else
 *                     changes, and the Snap Store is not asked
 *   hold, unhold      of this snap, level general, for ever; a hold takes the place of any other one
 *   start, restart    of SERVICES, "web worker"; start enables them. Done says that systemd took the
 *                     command, not that they run
 *   abort             of CHANGE, whatever snap it is about
 */
struct snapd_request {
	const char *action;
	const char *channel;
	const char *revision; /* 3, or x1 */
	const char *services;
	int64_t change;
};

/*
 * POST of REQUEST to /v2/snaps/NAME, /v2/apps or /v2/changes/CHANGE, with LIMIT milliseconds to
 * answer.
 *
 * Some refusals have no kind, and so are SNAPD_TROUBLE. A look before tells them without a word of
 * snapd: a revert that has nowhere to go, or is there already (snapd_get_revisions), and services of
 * a snap that has a change in progress (snapd_get_changes). When one comes all the same, the world
 * has changed since: look again. An abort of a change that is over (400) or forgotten (404) is one
 * too: snapd_get_change() tells which.
 */
int snapd_post(struct snapd *snapd, const char *name, const struct snapd_request *request,
	int64_t limit, struct snapd_answer *ret, struct error *err);

/*
 * A file that goes into a request, SIZE bytes at OFFSET of FD, which stays the caller's. It is read while
 * it is sent, never as a whole. NAME is what snapd calls it in its texts: letters, digits, ".", "_", "-".
 */
struct snapd_file {
	const char *name;
	int fd;
	int64_t offset, size;
};

/*
 * POST /v2/assertions: snapd is to know these, from now on and for ever. It takes the same ones again,
 * in any order, and all or nothing. ACCEPTED without a change; it refuses without a kind.
 */
int snapd_assert(struct snapd *snapd, const struct snapd_file *assertions, int64_t limit,
	struct snapd_answer *ret, struct error *err);

/*
 * POST /v2/snaps: installs, or refreshes to, COUNT snaps (1 to SNAPD_FILES_MAX) from their files, all of
 * them or none, in one change of kind install-snap. Their assertions must be known; `dangerous` is never
 * sent. It names no channel, and the Snap Store is asked only for a base that is neither there nor among
 * the files. Refusals have no kind, and may have status 500: only the message tells. ERROR_CUT: snapd got
 * a part of them, and does nothing.
 */
int snapd_sideload(struct snapd *snapd, const struct snapd_file *files, size_t count, int64_t limit,
	struct snapd_answer *ret, struct error *err);

#endif
