/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client gets any status and body as the answer to any of its requests. The input is a line
 * that names the request and the HTTP status, then the body.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "snapd/http.h"
#include "snapd/snapd.h"
#include "tests/fuzz/fuzz.h"

enum {
	ASKED_ID = 7,
	UNTOUCHED = 0x55,
};

/* The next answer. */
static struct {
	int status;
	const uint8_t *body;
	size_t size;
} next;

int snapd_http_start(struct error *err)
{
	(void)err;
	return 0;
}

void snapd_http_stop(void)
{
}

int snapd_http_ask(const char *socket, const char *path, const struct snapd_body *body,
	int64_t limit, struct snapd_http *ret, struct error *err)
{
	(void)err;
	FUZZ_CHECK(*socket == '/' && *path == '/' && limit > 0);
	FUZZ_CHECK(!body || body->count > 0);
	ret->status = next.status;
	buf_init(&ret->body, SNAPD_BODY_MAX);
	FUZZ_CHECK(buf_add(&ret->body, next.body, next.size) == 0);
	return 0;
}

static bool untouched(const void *ret, size_t size)
{
	const unsigned char *bytes = ret;

	for (size_t i = 0; i < size; i++)
		if (bytes[i] != UNTOUCHED)
			return false;
	return true;
}

static void check_failure(const void *ret, size_t size, const struct error *err)
{
	FUZZ_CHECK(untouched(ret, size));
	FUZZ_CHECK(err->kind == ERROR_FORMAT || err->kind == ERROR_LIMIT);
	fuzz_check_ends(err->text, sizeof err->text);
}

static void ask_system(struct snapd *snapd)
{
	struct snapd_system system;
	struct error err = { 0 };

	memset(&system, UNTOUCHED, sizeof system);
	if (snapd_get_system(snapd, &system, &err) < 0) {
		check_failure(&system, sizeof system, &err);
		return;
	}
	fuzz_check_ends(system.version, sizeof system.version);
	fuzz_check_ends(system.architecture, sizeof system.architecture);
}

static void ask_seeded(struct snapd *snapd)
{
	struct error err = { 0 };
	bool seeded;

	memset(&seeded, UNTOUCHED, sizeof seeded);
	if (snapd_get_seeded(snapd, &seeded, &err) < 0)
		check_failure(&seeded, sizeof seeded, &err);
}

static void check_revision(const char *revision)
{
	fuzz_check_ascii(revision, SNAPD_WORD_SIZE - 1);
	FUZZ_CHECK(*revision && strspn(revision, "x0123456789") == strlen(revision));
}

static void ask_snap(struct snapd *snapd)
{
	struct error err = { 0 };
	struct snapd_snap snap;
	char again[CHANNEL_SIZE];

	memset(&snap, UNTOUCHED, sizeof snap);
	if (snapd_get_snap(snapd, "microsample", &snap, &err) < 0) {
		check_failure(&snap, sizeof snap, &err);
		return;
	}
	if (snap.present)
		check_revision(snap.revision);
	else
		fuzz_check_ends(snap.revision, sizeof snap.revision);
	fuzz_check_ends(snap.version, sizeof snap.version);
	fuzz_check_ends(snap.tracking, sizeof snap.tracking);
	fuzz_check_ends(snap.service_down, sizeof snap.service_down);
	fuzz_check_ends(snap.hold, sizeof snap.hold);
	fuzz_check_ascii(snap.enabled, sizeof snap.enabled - 1);
	FUZZ_CHECK(*snap.hold || !snap.hold_until);
	FUZZ_CHECK(snap.present == (*snap.revision != '\0'));
	FUZZ_CHECK(snap.present || (!snap.active && !*snap.tracking && !*snap.service_down));
	channel_full(snap.tracking, again);
	FUZZ_CHECK(strcmp(again, snap.tracking) == 0);
}

static void check_change(const struct snapd_change *change)
{
	bool final = change->progress == SNAPD_CHANGE_DONE ||
		     change->progress == SNAPD_CHANGE_EMPTY ||
		     change->progress == SNAPD_CHANGE_FAILED;

	fuzz_check_ends(change->kind, sizeof change->kind);
	fuzz_check_ends(change->status, sizeof change->status);
	fuzz_check_ends(change->error, sizeof change->error);
	fuzz_check_ends(change->task, sizeof change->task);
	fuzz_check_ends(change->task_kind, sizeof change->task_kind);
	FUZZ_CHECK(change->id > 0);
	FUZZ_CHECK(final || change->progress == SNAPD_CHANGE_RUNNING ||
		   change->progress == SNAPD_CHANGE_WAITING ||
		   change->progress == SNAPD_CHANGE_UNDOING);
	FUZZ_CHECK(change->done >= 0 && change->done <= change->total);
	FUZZ_CHECK(change->steps_done >= 0 && change->steps_done <= change->steps);
	FUZZ_CHECK(!strpbrk(change->error, "\r\n") && !strpbrk(change->task, "\r\n"));
}

static void ask_change(struct snapd *snapd)
{
	struct snapd_change change;
	struct error err = { 0 };

	memset(&change, UNTOUCHED, sizeof change);
	if (snapd_get_change(snapd, ASKED_ID, &change, &err) < 0) {
		check_failure(&change, sizeof change, &err);
		return;
	}
	FUZZ_CHECK(change.id == 0 || change.id == ASKED_ID);
	if (change.id)
		check_change(&change);
}

static void ask_changes(struct snapd *snapd, bool all)
{
	struct snapd_changes changes;
	struct error err = { 0 };

	memset(&changes, UNTOUCHED, sizeof changes);
	if (snapd_get_changes(snapd, "microsample", all, &changes, &err) < 0) {
		check_failure(&changes, sizeof changes, &err);
		return;
	}
	for (size_t i = 0; i < changes.count; i++) {
		check_change(&changes.list[i]);
		FUZZ_CHECK(i == 0 || changes.list[i - 1].id <= changes.list[i].id);
	}
	snapd_changes_done(&changes);
}

static void check_releases(const char *releases)
{
	char *list = alloc_text(releases), *rest = list, *name;
	char full[CHANNEL_SIZE];

	fuzz_check_ascii(releases, SNAPD_TEXT_SIZE - 1);
	while (*releases && (name = strsep(&rest, ",")))
		FUZZ_CHECK(channel_parse(name + (*name == ' '), strlen(name + (*name == ' ')), full,
				   NULL) == 0);
	free(list);
}

static void ask_for(struct snapd *snapd, const struct snapd_request *request)
{
	struct snapd_answer answer;
	struct error err = { 0 };
	int outcome;

	memset(&answer, UNTOUCHED, sizeof answer);
	outcome = snapd_post(snapd, "microsample", request, 60000, &answer, &err);
	if (outcome < 0) {
		check_failure(&answer, sizeof answer, &err);
		FUZZ_CHECK(next.status < 400);
		return;
	}
	fuzz_check_ends(answer.kind, sizeof answer.kind);
	fuzz_check_ends(answer.message, sizeof answer.message);
	fuzz_check_ends(answer.releases, sizeof answer.releases);
	FUZZ_CHECK(answer.status == next.status && answer.change >= 0);
	FUZZ_CHECK((answer.verdict == SNAPD_ACCEPTED) ==
		   (answer.status == (request->change ? 200 : 202)));
	FUZZ_CHECK(!request->change || !answer.change || answer.change == request->change);
	FUZZ_CHECK(answer.verdict != SNAPD_CHANNEL_MISSING || !request->revision);
	FUZZ_CHECK((answer.verdict == SNAPD_ACCEPTED) == (answer.change > 0));
	FUZZ_CHECK(answer.verdict == SNAPD_ACCEPTED || *answer.message);
	FUZZ_CHECK(!strpbrk(answer.message, "\r\n"));
	FUZZ_CHECK(answer.verdict == SNAPD_CHANNEL_MISSING || !*answer.releases);
	check_releases(answer.releases);
}

static void ask_revisions(struct snapd *snapd)
{
	struct snapd_revisions revisions;
	struct error err = { 0 };

	memset(&revisions, UNTOUCHED, sizeof revisions);
	if (snapd_get_revisions(snapd, "microsample", &revisions, &err) < 0) {
		check_failure(&revisions, sizeof revisions, &err);
		return;
	}
	FUZZ_CHECK(revisions.count <= SNAPD_REVISIONS_MAX);
	for (size_t i = 0; i < revisions.count; i++) {
		check_revision(revisions.list[i].revision);
		fuzz_check_ends(revisions.list[i].status, sizeof revisions.list[i].status);
	}
}

static void ask_store(struct snapd *snapd)
{
	struct snapd_releases releases;
	struct error err = { 0 };
	char full[CHANNEL_SIZE];

	memset(&releases, UNTOUCHED, sizeof releases);
	if (snapd_find(snapd, "microsample", 60000, &releases, &err) < 0) {
		check_failure(&releases, sizeof releases, &err);
		return;
	}
	FUZZ_CHECK(releases.count <= SNAPD_RELEASES_MAX && (releases.found || !releases.count));
	for (size_t i = 0; i < releases.count; i++) {
		const struct snapd_release *release = &releases.list[i];
		const char *name = channel_short(release->channel);

		FUZZ_CHECK(channel_parse(name, strlen(name), full, NULL) == 0);
		FUZZ_CHECK(strcmp(full, release->channel) == 0 && release->size >= 0);
		check_revision(release->revision);
		fuzz_check_ends(release->version, sizeof release->version);
		fuzz_check_ends(release->released, sizeof release->released);
	}
	snapd_releases_done(&releases);
}

static void ask_update(struct snapd *snapd)
{
	struct snapd_update update;
	struct error err = { 0 };

	memset(&update, UNTOUCHED, sizeof update);
	if (snapd_find_update(snapd, "microsample", 60000, &update, &err) < 0)
		check_failure(&update, sizeof update, &err);
	else if (*update.revision)
		check_revision(update.revision);
}

static void ask_all_changes(struct snapd *snapd)
{
	ask_changes(snapd, true);
}

static void ask_changes_in_progress(struct snapd *snapd)
{
	ask_changes(snapd, false);
}

/* clang-format off */
static const struct {
	const char *what;
	void (*ask)(struct snapd *snapd);
} questions[] = {
	{ "system", ask_system },
	{ "seeded", ask_seeded },
	{ "snap", ask_snap },
	{ "change", ask_change },
	{ "changes", ask_changes_in_progress },
	{ "all", ask_all_changes },
	{ "revisions", ask_revisions },
	{ "find", ask_store },
	{ "update", ask_update },
};

/* By the name of the action, or with a "-revision" behind it. */
static const struct {
	const char *what;
	struct snapd_request request;
} requests[] = {
	{ "install", { .action = "install", .channel = "latest/edge" } },
	{ "refresh", { .action = "refresh", .channel = "2.0/beta/fix" } },
	{ "refresh-revision", { .action = "refresh", .channel = "2.0/beta", .revision = "4" } },
	{ "remove", { .action = "remove" } },
	{ "revert", { .action = "revert", .revision = "x1" } },
	{ "hold", { .action = "hold" } },
	{ "unhold", { .action = "unhold" } },
	{ "start", { .action = "start", .services = "web" } },
	{ "restart", { .action = "restart", .services = "web worker" } },
	{ "abort", { .action = "abort", .change = ASKED_ID } },
};
/* clang-format on */

static void ask(struct snapd *snapd, const char *what)
{
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
		if (strcmp(what, questions[i].what) == 0)
			questions[i].ask(snapd);
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		if (strcmp(what, requests[i].what) == 0)
			ask_for(snapd, &requests[i].request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size < 64 ? size : 64) : NULL;
	struct snapd *snapd;
	char line[64] = "", *blank;

	if (!end)
		return 0;
	memcpy(line, data, (size_t)(end - data));
	next.body = end + 1;
	next.size = size - (size_t)(next.body - data);
	blank = strchr(line, ' ');
	next.status = blank ? atoi(blank + 1) : 200;
	if (blank)
		*blank = '\0';
	snapd = snapd_open("/run/snapd.socket");
	ask(snapd, line);
	snapd_close(snapd);
	return 0;
}
