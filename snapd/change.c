/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads changes. A change is what snapd calls an operation that it runs in the background; it has a
 * list of tasks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "snapd/json.h"

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
	const cJSON *failed;  /* the first one that failed */
	int64_t count, ended;
	bool worked;  /* a task that changes something is Done */
	bool held;    /* a task will never run */
	bool stopped; /* the task that stops the services was begun, whatever became of it */
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

static struct tasks look_at_tasks(const cJSON *change)
{
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
		if (phase == TASK_FAILED && !ret.failed)
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

/*
 * The first "- <summary> (<cause>)" of ERR in one line, without the lines of dashes around the
 * output of a hook. Between those lines, a "- " belongs to the hook's output.
 */
static void first_failure(const char *err, char *ret, size_t size)
{
	const char *at = strncmp(err, "- ", 2) == 0 ? err : strstr(err, "\n- ");
	bool output = false;

	if (!at)
		return;
	at += *at == '\n' ? 3 : 2;
	while (*at) {
		size_t length = strcspn(at, "\n");
		size_t rule = strspn(at, "-");
		size_t skip = rule >= 5 ? rule : 0;

		output ^= skip > 0;
		snapd_line_add(ret, size, at + skip, length - skip, skip > 0);
		at += length + (at[length] == '\n');
		if (!output && strncmp(at, "- ", 2) == 0)
			return;
	}
}

/* "<summary> (<last ERROR in the task's log>)", for a change whose `err` has not the usual form. */
static void failure_from_log(const cJSON *task, char *ret, size_t size)
{
	static const char mark[] = " ERROR ";
	const char *summary = snapd_json_text(task, "summary");
	const char *cause = NULL;
	const cJSON *line;

	cJSON_ArrayForEach(line, cJSON_GetObjectItemCaseSensitive(task, "log"))
	{
		const char *text = cJSON_GetStringValue(line);
		const char *found = text ? strstr(text, mark) : NULL;

		if (found)
			cause = found + sizeof mark - 1;
	}
	snapd_line_add(ret, size, summary, strlen(summary), true);
	if (!cause)
		return;
	snapd_line_add(ret, size, "(", 1, false);
	snapd_line_add(ret, size, cause, strlen(cause), true);
	snapd_line_add(ret, size, ")", 1, true);
}

static void describe_failure(const cJSON *change, const struct tasks *tasks, char *ret, size_t size)
{
	const char *err = snapd_json_text(change, "err");

	ret[0] = '\0';
	first_failure(err, ret, size);
	if (!*ret && tasks->failed)
		failure_from_log(tasks->failed, ret, size);
	if (!*ret)
		snapd_line(ret, size, err);
	if (!*ret)
		snapd_line(ret, size, snapd_json_text(change, "status"));
}

/* Only a download counts bytes; all other tasks say 1 of 1 from the moment they run. */
static void read_running(const cJSON *task, struct snapd_change *ret)
{
	const cJSON *progress = cJSON_GetObjectItemCaseSensitive(task, "progress");
	int64_t done = snapd_json_count(progress, "done");
	int64_t total = snapd_json_count(progress, "total");

	snapd_line(ret->task, sizeof ret->task, snapd_json_text(task, "summary"));
	snapd_copy(ret->task_kind, sizeof ret->task_kind, snapd_json_text(task, "kind"));
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
	};
	snapd_copy(ret->kind, sizeof ret->kind, snapd_json_text(json, "kind"));
	snapd_copy(ret->status, sizeof ret->status, snapd_json_text(json, "status"));
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
