/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The controller's side: checks a charm and stores it.
 */
#include "tests/sandbox/juju_charm.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_archive.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"

static int no_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

int juju_walk_tree(struct juju_walk *walk, const char *below, struct error *err)
{
	CLEANUP(cleanup_free) char *folder = alloc_textf("%s/%s", walk->top, below);
	CLEANUP(cleanup_free) struct dirent **entries = NULL;
	int count = scandir(folder, &entries, no_dots, alphasort);
	int result = 0;

	if (count < 0)
		return error_system(err, errno, "cannot read %s", folder);
	for (int at = 0; at < count; at++) {
		CLEANUP(cleanup_free)
		char *path = alloc_textf("%s%s%s", below, *below ? "/" : "", entries[at]->d_name);
		CLEANUP(cleanup_free) char *whole = alloc_textf("%s/%s", walk->top, path);
		struct stat st;

		free(entries[at]);
		if (result)
			continue;
		result = walk->visit(walk, path, err);
		if (result > 0)
			result = 0; /* leave this one out */
		else if (!result && !lstat(whole, &st) && S_ISDIR(st.st_mode))
			result = juju_walk_tree(walk, path, err);
	}
	return result;
}

/* What the controller drops when it packs a local charm. */
static bool left_out(const char *path, bool folder)
{
	static const char *const anywhere[] = { ".git", ".svn", ".hg", ".bzr", ".tox" };
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

	for (size_t at = 0; at < sizeof anywhere / sizeof *anywhere; at++)
		if (folder && strcmp(name, anywhere[at]) == 0)
			return true;
	if (folder)
		return strcmp(path, "build") == 0;
	return strcmp(path, "revision") == 0 || strcmp(path, "version") == 0 ||
	       strcmp(path, ".jujuignore") == 0;
}

/* Whether a link at PATH leads out of the charm. */
static bool link_escapes(const char *path, const char *target)
{
	int depth = 0;

	if (*target == '/')
		return true;
	for (const char *at = path; *at; at++)
		depth += *at == '/';
	while (*target) {
		size_t len = strcspn(target, "/");

		if (len == 2 && strncmp(target, "..", 2) == 0)
			depth--;
		else if (len && !(len == 1 && *target == '.'))
			depth++;
		if (depth < 0)
			return true;
		target += len + (target[len] == '/');
	}
	return false;
}

static int take_link(const char *from, const char *to, const char *path, struct error *err)
{
	char target[PATH_MAX];
	ssize_t len = readlink(from, target, sizeof target - 1);

	if (len < 0)
		return error_system(err, errno, "cannot read the link %s", path);
	target[len] = '\0';
	if (link_escapes(path, target))
		return error_set(err, ERROR_FORMAT, "symlink \"%s\" %s", path,
			*target == '/' ? "is absolute" : "links out of charm");
	return symlink(target, to) ? error_system(err, errno, "cannot make %s", to) : 0;
}

static int take_one(struct juju_walk *walk, const char *path, struct error *err)
{
	CLEANUP(cleanup_free) char *from = alloc_textf("%s/%s", walk->top, path);
	CLEANUP(cleanup_free) char *to = alloc_textf("%s/%s", (const char *)walk->data, path);
	struct stat st;

	if (lstat(from, &st))
		return error_system(err, errno, "cannot look at %s", from);
	if (left_out(path, S_ISDIR(st.st_mode)))
		return 1;
	if (S_ISDIR(st.st_mode))
		return juju_make_dirs(to, err);
	if (S_ISLNK(st.st_mode))
		return take_link(from, to, path, err);
	if (!S_ISREG(st.st_mode))
		return error_set(
			err, ERROR_FORMAT, "file is not a file, dir or link: \"%s\"", path);
	return juju_copy_file(from, to, st.st_mode & 0100 ? 0755 : 0644, err);
}

static int read_part(cJSON **ret, const char *dir, const char *name, struct error *err)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", dir, name);

	if (access(path, F_OK)) {
		*ret = cJSON_CreateObject();
		return 0;
	}
	return juju_yaml_read(ret, path, err);
}

static void add_names(cJSON *info, const char *key, const cJSON *object)
{
	cJSON *names = json_array(info, key);
	const cJSON *item;

	cJSON_ArrayForEach(item, object) json_push_text(names, item->string);
}

static void add_base(cJSON *info, const cJSON *manifest)
{
	const cJSON *base = cJSON_GetArrayItem(json_get(manifest, "bases"), 0);
	char channel[32] = "22.04";
	const cJSON *given = json_get(base, "channel");
	CLEANUP(cleanup_free) char *text = NULL;

	if (cJSON_IsString(given))
		(void)snprintf(channel, sizeof channel, "%.*s",
			(int)strcspn(given->valuestring, "/"), given->valuestring);
	else if (cJSON_IsNumber(given))
		(void)snprintf(channel, sizeof channel, "%.2f", given->valuedouble);
	text = alloc_textf("%s@%s", json_text(base, "name", "ubuntu"), channel);
	json_put_text(info, "base", text);
}

/* The default of an option must have the option's type: an int in quotes is an error. */
static int add_options(cJSON *info, const cJSON *config, struct error *err)
{
	cJSON *options = json_object(info, "options");
	const cJSON *option;

	cJSON_ArrayForEach(option, json_get(config, "options"))
	{
		const char *type = json_text(option, "type", "string");
		const cJSON *value = json_get(option, "default");
		bool text = strcmp(type, "string") == 0 || strcmp(type, "secret") == 0;
		bool flag = strcmp(type, "boolean") == 0;

		if (value && !cJSON_IsNull(value) &&
			!(text         ? cJSON_IsString(value)
				: flag ? cJSON_IsBool(value)
				       : cJSON_IsNumber(value)))
			return error_set(err, ERROR_FORMAT,
				"invalid config default: option \"%s\" expected %s", option->string,
				type);
		json_put(options, option->string, cJSON_Duplicate(option, true));
	}
	return 0;
}

static int describe(cJSON **ret, const char *dir, struct error *err)
{
	CLEANUP(json_done) cJSON *metadata = NULL;
	CLEANUP(json_done) cJSON *config = NULL;
	CLEANUP(json_done) cJSON *manifest = NULL;
	CLEANUP(json_done) cJSON *actions = NULL;
	CLEANUP(json_done) cJSON *info = cJSON_CreateObject();
	cJSON *resources = json_object(info, "resources");
	const cJSON *resource;

	if (read_part(&metadata, dir, "metadata.yaml", err) ||
		read_part(&config, dir, "config.yaml", err) ||
		read_part(&manifest, dir, "manifest.yaml", err) ||
		read_part(&actions, dir, "actions.yaml", err) || add_options(info, config, err))
		return -1;
	if (!*json_text(metadata, "name", ""))
		return error_set(err, ERROR_FORMAT, "metadata: name: expected string, got nothing");
	json_put_text(info, "name", json_text(metadata, "name", ""));
	add_names(info, "peers", json_get(metadata, "peers"));
	cJSON_ArrayForEach(resource, json_get(metadata, "resources"))
		json_put_text(resources, resource->string, json_text(resource, "filename", ""));
	json_put(info, "actions", actions);
	actions = NULL;
	add_base(info, manifest);
	*ret = info;
	info = NULL;
	return 0;
}

static int take_tree(const char *from, const char *to, struct error *err)
{
	CLEANUP(cleanup_free) char *folder = alloc_text(to);
	struct juju_walk walk = { .top = from, .visit = take_one, .data = folder };
	CLEANUP(cleanup_free) char *metadata = alloc_textf("%s/metadata.yaml", from);
	CLEANUP(cleanup_free) char *dispatch = alloc_textf("%s/dispatch", from);

	if (access(metadata, R_OK))
		return error_set(
			err, ERROR_FORMAT, "%s is no charm: metadata.yaml not found", from);
	if (juju_remove_tree(to, err) || juju_make_dirs(to, err) || juju_walk_tree(&walk, "", err))
		return -1;
	if (access(dispatch, F_OK))
		return error_set(err, ERROR_FORMAT,
			"invalid charm \"%s\": has no hooks nor dispatch file", from);
	return 0;
}

int juju_charm_take(cJSON **ret, struct juju_model *model, const char *path, struct error *err)
{
	CLEANUP(cleanup_free) char *unpacked = alloc_textf("%s/charms/.unpacked", model->dir);
	CLEANUP(cleanup_free) char *taken = alloc_textf("%s/charms/.taken", model->dir);
	CLEANUP(cleanup_free) char *revision_file = alloc_textf("%s/revision", taken);
	CLEANUP(cleanup_free) char *target = NULL;
	CLEANUP(cleanup_free) char *revision_text = NULL;
	CLEANUP(json_done) cJSON *info = NULL;
	long long revision;
	struct stat st;
	bool archive;

	if (stat(path, &st))
		return error_system(err, errno, "cannot find the charm %s", path);
	archive = !S_ISDIR(st.st_mode);
	if (archive && (juju_remove_tree(unpacked, err) || juju_make_dirs(unpacked, err) ||
			       juju_archive_unpack(path, unpacked, err)))
		return -1;
	if (take_tree(archive ? unpacked : path, taken, err) || describe(&info, taken, err) ||
		juju_remove_tree(unpacked, err))
		return -1;
	revision =
		json_number(json_object(model->root, "revisions"), json_text(info, "name", ""), 0);
	json_put_number(json_object(model->root, "revisions"), json_text(info, "name", ""),
		(double)revision + 1);
	json_put_number(info, "revision", (double)revision);
	revision_text = alloc_textf("%lld\n", revision);
	target =
		alloc_textf("%s/charms/%s-%lld", model->dir, json_text(info, "name", ""), revision);
	if (juju_replace_file(revision_file, revision_text, strlen(revision_text), err) ||
		juju_remove_tree(target, err))
		return -1;
	if (rename(taken, target))
		return error_system(err, errno, "cannot make %s", target);
	*ret = info;
	info = NULL;
	return 0;
}
