/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads changes. A change is what snapd calls an operation that it runs in the background; it has a
 * list of tasks.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cause.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "snapd/json.h"

enum {
	RULE_MIN = 5, /* dashes in a line that stands around the output of a hook */
};

/* From overlord/state/change.go. Any other status is RUNNING while not ready, FAILED when ready. */
/* clang-format off */
static const struct {
	const char *status;
	enum snapd_progress unready, ready;
} progresses[] = {
	{ "Done",    SNAPD_CHANGE_RUNNING, SNAPD_CHANGE_DONE },
	{ "Wait",    SNAPD_CHANGE_WAITING, SNAPD_CHANGE_FAILED },
	{ "Abort",   SNAPD_CHANGE_UNDOING, SNAPD_CHANGE_FAILED },
	{ "Undo",    SNAPD_CHANGE_UNDOING, SNAPD_CHANGE_FAILED },
	{ "Undoing", SNAPD_CHANGE_UNDOING, SNAPD_CHANGE_FAILED },
};

/* What the status of a task means. */
enum task_phase {
	TASK_OTHER, TASK_RUNS, TASK_WAITS,
	TASK_DONE, TASK_UNDONE, TASK_HELD, TASK_FAILED, /* has ended */
};
static const struct {
	const char *status;
	enum task_phase phase;
} phases[] = {
	{ "Doing",   TASK_RUNS },
	{ "Undoing", TASK_RUNS },
	{ "Abort",   TASK_RUNS },
	{ "Wait",    TASK_WAITS },
	{ "Done",    TASK_DONE },
	{ "Undone",  TASK_UNDONE },
	{ "Hold",    TASK_HELD },
	{ "Error",   TASK_FAILED },
};

/* These kinds never conflict with anything (overlord/snapstate/conflict.go). */
static const char *const harmless_kinds[] = { "pre-download", "become-operational" };
/* clang-format on */

/* What the tasks of a change say together. */
struct tasks {
	const cJSON *running; /* the first one that runs, or else waits */
	const cJSON *failed;  /* the one that failed to do its work: see is_cause() */
	int64_t count, ended;
	bool worked;      /* a task that changes something is Done */
	bool held;        /* a task will never run */
	bool stopped;     /* the task that stops the services was begun, whatever became of it */
	int64_t revision; /* of the snap that the change is about */
};

static enum task_phase phase_of(const cJSON *task)
{
	const char *status = snapd_json_text(task, "status");

	for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
		if (strcmp(status, phases[i].status) == 0)
			return phases[i].phase;
	return TASK_OTHER;
}

static bool is_kind(const cJSON *task, const char *kind)
{
	return strcmp(snapd_json_text(task, "kind"), kind) == 0;
}

/* Whether the time A, as Go writes it (trailing zeros are left out), is before B of the same zone. */
static bool is_before(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b))
		return *a < *b;
	/* A ends first: 41Z and 41.3Z, 41.3Z and 41.38Z */
	return isdigit((unsigned char)*b) || *b == '.';
}

/*
 * Of several tasks that failed, the first failed to do its work and began the undoing; the others
 * failed to undo theirs. snapd lists tasks, and their failures in `err`, in the order of doing, so an
 * undo comes before what it is the consequence of.
 */
static bool is_cause(const cJSON *task, const cJSON *than)
{
	return !than ||
	       !is_before(snapd_json_text(than, "ready-time"), snapd_json_text(task, "ready-time"));
}

/*
 * The revision that TASK makes the current one of the snap that is named in ABOUT, the summary of its
 * change: Make snap "microsample" (5) available to the system. Every change that leads to a revision has
 * that task, one that downloads nothing too; it has others of the kind for the base and for snapd.
 */
static int64_t revision_of(const cJSON *task, const char *about)
{
	const char *name = strchr(snapd_json_text(task, "summary"), '"');
	const char *end = name ? strstr(name + 1, "\" (") : NULL;
	char quoted[SNAPD_WORD_SIZE], number[SNAPD_WORD_SIZE];
	long long ret;

	if (!is_kind(task, "link-snap") || !end || (size_t)(end - name) + 2 > sizeof quoted)
		return 0;
	(void)snprintf(quoted, sizeof quoted, "%.*s", (int)(end - name) + 1, name);
	if (!strstr(about, quoted))
		return 0;
	end += strlen("\" (");
	(void)snprintf(number, sizeof number, "%.*s", (int)strcspn(end, ")"), end);
	ret = text_number(number);
	return ret > 0 ? ret : 0; /* x1, a local build */
}

static struct tasks look_at_tasks(const cJSON *change)
{
	const char *about = snapd_json_text(change, "summary");
	struct tasks ret = { 0 };
	const cJSON *waiting = NULL;
	const cJSON *task;

	cJSON_ArrayForEach(task, cJSON_GetObjectItemCaseSensitive(change, "tasks"))
	{
		enum task_phase phase = phase_of(task);

		ret.count++;
		ret.ended += phase >= TASK_DONE;
		ret.worked |= phase == TASK_DONE && !is_kind(task, "prerequisites");
		ret.held |= phase == TASK_HELD;
		ret.stopped |= phase != TASK_OTHER && phase != TASK_HELD &&
			       is_kind(task, "stop-snap-services");
		if (!ret.revision)
			ret.revision = revision_of(task, about);
		if (phase == TASK_FAILED && is_cause(task, ret.failed))
			ret.failed = task;
		if (phase == TASK_WAITS && !waiting)
			waiting = task;
		/* check-rerefresh is Doing the whole time, beside the task that matters. */
		if (phase == TASK_RUNS && !ret.running && !is_kind(task, "check-rerefresh"))
			ret.running = task;
	}
	if (!ret.running)
		ret.running = waiting;
	return ret;
}

static enum snapd_progress progress_of(const cJSON *change, const struct tasks *tasks)
{
	bool ready = snapd_json_true(change, "ready");
	enum snapd_progress ret = ready ? SNAPD_CHANGE_FAILED : SNAPD_CHANGE_RUNNING;

	for (size_t i = 0; i < sizeof progresses / sizeof *progresses; i++)
		if (strcmp(snapd_json_text(change, "status"), progresses[i].status) == 0)
			ret = ready ? progresses[i].ready : progresses[i].unready;
	if (ret == SNAPD_CHANGE_DONE && tasks->held && !tasks->worked)
		return SNAPD_CHANGE_EMPTY;
	return ret;
}

/* Adds TEXT, LENGTH bytes, to the line in RET, without the lines of dashes around the output of a hook. */
static void add_lines(char *ret, size_t size, const char *text, size_t length)
{
	const char *end = text + length;
	bool glue = true;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *last = newline ? newline : end;
		size_t rule = strspn(text, "-");
		size_t skip = rule >= RULE_MIN ? rule : 0;

		snapd_line_add(ret, size, text + skip, (size_t)(last - text) - skip, glue || skip);
		glue = false;
		text = newline ? newline + 1 : end;
	}
}

/* Where "<summary> (<cause>)" of the failed task begins in ERR, or of the first one; NULL if none does. */
static const char *failure_in(const char *err, const char *summary)
{
	const char *first = NULL;

	for (const char *at = err; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		if (strncmp(at, "- ", 2) != 0)
			continue;
		if (!first)
			first = at + 2;
		if (*summary && strncmp(at + 2, summary, strlen(summary)) == 0)
			return at + 2;
	}
	return first;
}

/* That failure, up to the next "- ", which between lines of dashes is output of a hook. */
static void read_failure(const char *from, char *ret, size_t size)
{
	const char *at = from;
	bool output = false;

	while (*at && (at == from || output || strncmp(at, "- ", 2) != 0)) {
		output ^= strspn(at, "-") >= RULE_MIN;
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	add_lines(ret, size, from, (size_t)(at - from));
}

/* The last ERROR in the log of TASK, the one that it failed for; NULL if there is none. */
static const char *last_error(const cJSON *task)
{
	static const char mark[] = " ERROR ";
	const char *ret = NULL;
	const cJSON *line;

	cJSON_ArrayForEach(line, cJSON_GetObjectItemCaseSensitive(task, "log"))
	{
		const char *text = cJSON_GetStringValue(line);
		const char *found = text ? strstr(text, mark) : NULL;

		if (found)
			ret = found + sizeof mark - 1;
	}
	return ret;
}

/* "<summary> (<cause>)", as snapd writes it into `err`, where all failed tasks stand together. */
static void failure_of(const cJSON *task, const char *cause, char *ret, size_t size)
{
	snapd_line(ret, size, snapd_json_text(task, "summary"));
	snapd_line_add(ret, size, "(", 1, !*ret);
	add_lines(ret, size, cause, strlen(cause));
	snapd_line_add(ret, size, ")", 1, true);
}

/* A text of any length: it is cut only when it is whole, since the cause stands at its end. */
static void describe_failure(const cJSON *change, const struct tasks *tasks, char *ret, size_t size)
{
	const char *err = snapd_json_text(change, "err");
	const char *summary = snapd_json_text(tasks->failed, "summary");
	const char *cause = last_error(tasks->failed);
	const char *told = failure_in(err, summary);
	const char *status = snapd_json_text(change, "status");
	const char *const plain[] = { summary, err, status };
	size_t room =
		strlen(err) + strlen(summary) + (cause ? strlen(cause) : 0) + strlen(status) + 8;
	CLEANUP(cleanup_free) char *line = alloc_new(room, 1);

	if (cause)
		failure_of(tasks->failed, cause, line, room);
	else if (told)
		read_failure(told, line, room);
	for (size_t i = 0; !*line && i < sizeof plain / sizeof *plain; i++)
		snapd_line(line, room, plain[i]);
	(void)cause_fit(ret, size, line);
}

/* Only a download counts bytes; all other tasks say 1 of 1 from the moment they run. */
static void read_running(const cJSON *task, struct snapd_change *ret)
{
	const cJSON *progress = cJSON_GetObjectItemCaseSensitive(task, "progress");
	int64_t done = snapd_json_count(progress, "done");
	int64_t total = snapd_json_count(progress, "total");

	snapd_line(ret->task, sizeof ret->task, snapd_json_text(task, "summary"));
	snapd_line(ret->task_kind, sizeof ret->task_kind, snapd_json_text(task, "kind"));
	if (total <= 1)
		return;
	ret->done = done < total ? done : total;
	ret->total = total;
}

static int read_change(const cJSON *json, struct snapd_change *ret, struct error *err)
{
	struct tasks tasks = look_at_tasks(json);
	int64_t id = snapd_json_id(json, "id");

	if (id == 0)
		return error_set(err, ERROR_FORMAT, "snapd shows a change without a usable id");
	*ret = (struct snapd_change){
		.id = id,
		.progress = progress_of(json, &tasks),
		.steps_done = tasks.ended,
		.steps = tasks.count,
		.stopped = tasks.stopped,
		.revision = tasks.revision,
	};
	snapd_line(ret->kind, sizeof ret->kind, snapd_json_text(json, "kind"));
	snapd_line(ret->status, sizeof ret->status, snapd_json_text(json, "status"));
	if (ret->progress == SNAPD_CHANGE_FAILED)
		describe_failure(json, &tasks, ret->error, sizeof ret->error);
	if (tasks.running)
		read_running(tasks.running, ret);
	return 0;
}

int snapd_get_change(struct snapd *snapd, int64_t id, struct snapd_change *ret, struct error *err)
{
	CLEANUP(snapd_envelope_done) struct snapd_envelope reply = { 0 };
	struct snapd_change change;
	char path[SNAPD_PATH_SIZE];

	(void)snprintf(path, sizeof path, "/v2/changes/%" PRId64, id);
	if (snapd_get(snapd, path, &reply, err) < 0)
		return -1;
	if (reply.status == 404) {
		*ret = (struct snapd_change){ .id = 0 };
		return 0;
	}
	if (reply.status != 200)
		return snapd_unexpected(&reply, err);
	if (read_change(reply.result, &change, err) < 0)
		return -1;
	if (change.id != id)
		return error_set(
			err, ERROR_FORMAT, "snapd shows a different change than asked for");
	*ret = change;
	return 0;
}

void snapd_changes_done(struct snapd_changes *changes)
{
	if (!changes)
		return;
	free(changes->list);
	*changes = (struct snapd_changes){ 0 };
}

static bool is_harmless(const cJSON *change)
{
	for (size_t i = 0; i < sizeof harmless_kinds / sizeof *harmless_kinds; i++)
		if (is_kind(change, harmless_kinds[i]))
			return true;
	return false;
}

static int by_id(const void *a, const void *b)
{
	const struct snapd_change *left = a, *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

/* Fails if one entry cannot be read, because leaving it out could hide a change in flight. */
static int read_changes(const cJSON *json, struct snapd_changes *ret, struct error *err)
{
	size_t room = (size_t)cJSON_GetArraySize(json);
	const cJSON *item;

	if (!cJSON_IsArray(json))
		return error_set(err, ERROR_FORMAT, "snapd shows no list of changes");
	ret->list = alloc_new(room, sizeof *ret->list);
	cJSON_ArrayForEach(item, json)
	{
		if (is_harmless(item))
			continue;
		if (read_change(item, &ret->list[ret->count], err) < 0)
			return -1;
		ret->count++;
	}
	qsort(ret->list, ret->count, sizeof *ret->list, by_id);
	return 0;
}

int snapd_get_changes(struct snapd *snapd, const char *name, bool all, struct snapd_changes *ret,
	struct error *err)
{
	CLEANUP(snapd_envelope_done) struct snapd_envelope reply = { 0 };
	CLEANUP(snapd_changes_done) struct snapd_changes changes = { 0 };
	char path[SNAPD_PATH_SIZE];

	if (snapd_name_check(name, err) < 0)
		return -1;
	(void)snprintf(path, sizeof path, "/v2/changes?select=%s&for=%s",
		all ? "all" : "in-progress", name);
	if (snapd_get(snapd, path, &reply, err) < 0)
		return -1;
	if (reply.status != 200)
		return snapd_unexpected(&reply, err);
	if (read_changes(reply.result, &changes, err) < 0)
		return -1;
	*ret = changes;
	changes = (struct snapd_changes){ 0 };
	return 0;
}
