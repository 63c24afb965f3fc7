/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_time.h"

enum {
	FILE_LIMIT = 1 << 30,
};

static int take_lock(const char *path, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return error_system(err, errno, "cannot open %s", path);
	while (flock(fd, LOCK_EX)) {
		int number = errno;

		if (number == EINTR)
			continue;
		(void)close(fd);
		return error_system(err, number, "cannot lock %s", path);
	}
	return fd;
}

int juju_lock(const char *dir, const char *name, struct error *err)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/locks/%s", dir, name);

	return take_lock(path, err);
}

static cJSON *fresh(const struct juju_like *like)
{
	cJSON *root = cJSON_CreateObject();
	unsigned char random[16] = { 0 };
	char uuid[40];
	size_t at = 0;

	(void)!getrandom(random, sizeof random, 0);
	for (size_t byte = 0; byte < sizeof random; byte++) {
		bool dash = byte == 4 || byte == 6 || byte == 8 || byte == 10;

		at += (size_t)snprintf(
			uuid + at, sizeof uuid - at, "%s%02x", dash ? "-" : "", random[byte]);
	}
	json_put_text(root, "name", "default");
	json_put_text(root, "uuid", uuid);
	json_put_text(root, "controller", "sandbox");
	json_put_text(root, "like", like->name);
	json_put_number(root, "serial", 1);
	json_object(root, "apps");
	json_object(root, "units");
	json_object(json_object(root, "machines"), "0");
	json_object(root, "gone");
	json_array(root, "faults");
	return root;
}

static int read_root(struct juju_model *model, struct error *err)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/model.json", model->dir);
	CLEANUP(buf_done) struct buf text = { .limit = FILE_LIMIT };

	if (access(path, F_OK) && errno == ENOENT) {
		if (juju_like_chosen(&model->like, err))
			return -1;
		model->root = fresh(model->like);
		return 0;
	}
	if (juju_read_file(&text, path, err))
		return -1;
	model->root = cJSON_Parse(buf_text(&text));
	model->like = juju_like_find(json_text(model->root, "like", ""));
	return model->like ? 0 : error_set(err, ERROR_FORMAT, "%s is no model", path);
}

static int make_folders(const char *dir, struct error *err)
{
	static const char *const names[] = { "agents", "tools", "journal", "charms", "locks" };

	for (size_t at = 0; at < sizeof names / sizeof *names; at++) {
		CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", dir, names[at]);

		if (juju_make_dirs(path, err))
			return -1;
	}
	return 0;
}

int juju_model_open(struct juju_model *ret, const char *dir, struct error *err)
{
	struct juju_model model = { .lock = -1 };
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/lock", dir);

	if (access(path, F_OK) && make_folders(dir, err))
		return -1;
	model.lock = take_lock(path, err);
	if (model.lock < 0)
		return -1;
	model.dir = realpath(dir, NULL);
	if (!model.dir || read_root(&model, err) ||
		juju_time_use(json_text(model.root, "clock", NULL), err)) {
		juju_model_close(&model);
		return -1;
	}
	*ret = model;
	return 0;
}

int juju_model_save(struct juju_model *model, struct error *err)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/model.json", model->dir);
	CLEANUP(cleanup_free) char *text = cJSON_PrintUnformatted(model->root);

	return juju_replace_file(path, text, strlen(text), err);
}

void juju_model_close(struct juju_model *model)
{
	if (!model || !model->dir)
		return;
	cJSON_Delete(model->root);
	free(model->dir);
	if (model->lock >= 0)
		(void)close(model->lock);
	*model = (struct juju_model){ .lock = -1 };
}

cJSON *juju_model_app(const struct juju_model *model, const char *app)
{
	return json_get(json_get(model->root, "apps"), app);
}

cJSON *juju_model_unit(const struct juju_model *model, const char *unit)
{
	return json_get(json_get(model->root, "units"), unit);
}

cJSON *juju_model_unit_app(const struct juju_model *model, const cJSON *unit)
{
	return juju_model_app(model, json_text(unit, "app", ""));
}

bool juju_model_lead(struct juju_model *model, const char *unit)
{
	cJSON *app = juju_model_unit_app(model, juju_model_unit(model, unit));
	cJSON *before = juju_model_unit(model, json_text(app, "leader", ""));

	if (!app || strcmp(json_text(app, "leader", ""), unit) == 0)
		return false;
	if (before)
		json_put_text(before, "leadership", "minion");
	json_put_text(app, "leader", unit);
	return true;
}

const char *juju_model_machine(const cJSON *unit)
{
	return json_text(unit, "machine", "0");
}

char *juju_model_machine_lock(const cJSON *unit)
{
	return alloc_textf("machine-%s", juju_model_machine(unit));
}

char *juju_model_task(struct juju_model *model)
{
	long long serial = json_number(model->root, "serial", 1);

	json_put_number(model->root, "serial", (double)serial + 2);
	return alloc_textf("%lld", serial + 1);
}

char *juju_tag(const char *unit)
{
	char *tag = alloc_textf("unit-%s", unit);
	char *slash = strrchr(tag, '/');

	if (slash)
		*slash = '-';
	return tag;
}

char *juju_unit_path(const char *dir, const char *kind, const char *unit)
{
	CLEANUP(cleanup_free) char *tag = juju_tag(unit);

	return alloc_textf("%s/%s/%s", dir, kind, tag);
}

char *juju_charm_dir(const char *dir, const char *unit)
{
	CLEANUP(cleanup_free) char *tag = juju_tag(unit);

	return alloc_textf("%s/agents/%s/charm", dir, tag);
}

char *juju_resource_path(const struct juju_model *model, const cJSON *app, const char *name)
{
	return alloc_textf("%s/resources/%s/%s", model->dir, json_text(app, "name", ""), name);
}

void juju_journal_add(const char *dir, const char *unit, const char *what, cJSON *entry)
{
	CLEANUP(cleanup_free) char *path = juju_unit_path(dir, "journal", unit);
	CLEANUP(json_done) cJSON *owned = entry;
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) char *line = NULL;

	json_put_text(owned, "what", what);
	json_put_number(owned, "at", (double)juju_time_now());
	text = cJSON_PrintUnformatted(owned);
	line = alloc_textf("%s\n", text);
	(void)juju_append_file(path, line, strlen(line), NULL);
}

cJSON *juju_journal_read(const char *dir, const char *unit)
{
	CLEANUP(cleanup_free) char *path = juju_unit_path(dir, "journal", unit);
	cJSON *entries = cJSON_CreateArray();
	CLEANUP(buf_done) struct buf text = { .limit = FILE_LIMIT };
	const char *next = NULL;

	if (juju_read_file(&text, path, NULL))
		return entries;
	for (const char *at = buf_text(&text); *at; at = next) {
		cJSON *entry = cJSON_ParseWithOpts(at, &next, false);

		if (!entry)
			break;
		cJSON_AddItemToArray(entries, entry);
		next += strspn(next, "\n");
	}
	return entries;
}

void juju_unit_status(const struct juju_model *model, cJSON *unit, const char *status,
	const char *message, const char *by)
{
	cJSON *now = json_object(unit, "status");
	cJSON *entry;

	if (strcmp(json_text(now, "status", ""), status) == 0 &&
		strcmp(json_text(now, "message", ""), message) == 0)
		return;
	json_put_text(now, "status", status);
	json_put_text(now, "message", message);
	json_put_number(now, "since", (double)juju_time_now());
	entry = cJSON_CreateObject();
	json_put_text(entry, "status", status);
	json_put_text(entry, "message", message);
	json_put_text(entry, "by", by);
	json_put_number(entry, "run", (double)json_number(unit, "runs", 0));
	juju_journal_add(model->dir, json_text(unit, "name", ""), "status", entry);
}

void juju_unit_agent(cJSON *unit, const char *status, const char *message)
{
	cJSON *now = json_object(unit, "agent");

	json_put_text(now, "status", status);
	json_put_text(now, "message", message);
	json_put_number(now, "since", (double)juju_time_now());
}
