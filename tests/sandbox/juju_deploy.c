/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unit's side: replaces the files of the charm folder by manifest.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_charm.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"

enum {
	MANIFEST_LIMIT = 16 << 20,
};

static int list_one(struct juju_walk *walk, const char *path, struct error *err)
{
	(void)err;
	json_put_bool(walk->data, path, true);
	return 0;
}

static int write_one(struct juju_walk *walk, const char *path, struct error *err)
{
	CLEANUP(cleanup_free) char *from = alloc_textf("%s/%s", walk->top, path);
	CLEANUP(cleanup_free) char *to = alloc_textf("%s/%s", (const char *)walk->data, path);
	char target[PATH_MAX];
	struct stat st, old;
	bool there = !lstat(to, &old);
	ssize_t len;

	if (lstat(from, &st))
		return error_system(err, errno, "cannot look at %s", from);
	if (S_ISDIR(st.st_mode)) {
		if (there && !S_ISDIR(old.st_mode) && juju_remove_tree(to, err))
			return -1;
		return juju_make_dirs(to, err);
	}
	if (there && juju_remove_tree(to, err))
		return -1;
	if (!S_ISLNK(st.st_mode))
		return juju_copy_file(from, to, st.st_mode & 0777, err);
	len = readlink(from, target, sizeof target - 1);
	target[len > 0 ? len : 0] = '\0';
	return symlink(target, to) ? error_system(err, errno, "cannot make %s", to) : 0;
}

static int remove_old(const char *charm, const cJSON *old, const cJSON *new, struct error *err)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, old)
	{
		CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", charm, item->string);

		if (!json_get(new, item->string) && juju_remove_tree(path, err))
			return -1;
	}
	return 0;
}

static int read_manifest(cJSON **ret, const char *path, struct error *err)
{
	CLEANUP(buf_done) struct buf text = { .limit = MANIFEST_LIMIT };

	if (access(path, F_OK)) {
		*ret = cJSON_CreateObject();
		return 0;
	}
	if (juju_read_file(&text, path, err))
		return -1;
	*ret = cJSON_Parse(buf_text(&text));
	return *ret ? 0 : error_set(err, ERROR_FORMAT, "%s is damaged", path);
}

static int write_json(const char *path, const cJSON *value, struct error *err)
{
	CLEANUP(cleanup_free) char *text = cJSON_Print(value);

	return juju_replace_file(path, text, strlen(text), err);
}

/* The charm that the marker file names, "" when there is none. */
static char *read_marker(const char *folder, const char *name)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", folder, name);
	CLEANUP(buf_done) struct buf text = { .limit = 4096 };
	const char *slash;

	if (juju_read_file(&text, path, NULL))
		return alloc_text("");
	slash = strrchr(buf_text(&text), '/');
	return alloc_textf(
		"%.*s", (int)strcspn(slash ? slash + 1 : "", "\n"), slash ? slash + 1 : "");
}

static int write_marker(const char *folder, const char *name, const char *charm, struct error *err)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", folder, name);
	CLEANUP(cleanup_free) char *text = alloc_textf("local:ubuntu/%s\n", charm);

	return juju_replace_file(path, text, strlen(text), err);
}

/* See the header. An interrupted replacement leaves .juju-deploying behind. */
static int swap(const char *folder, const char *from, const char *manifests, const char *charm,
	struct error *err)
{
	CLEANUP(cleanup_free) char *current = read_marker(folder, ".juju-charm");
	CLEANUP(cleanup_free) char *half = read_marker(folder, ".juju-deploying");
	CLEANUP(cleanup_free) char *old_path = alloc_textf("%s/%s", manifests, current);
	CLEANUP(cleanup_free) char *half_path = alloc_textf("%s/%s", manifests, half);
	CLEANUP(cleanup_free) char *new_path = alloc_textf("%s/%s", manifests, charm);
	CLEANUP(cleanup_free) char *deploying = alloc_textf("%s/.juju-deploying", folder);
	CLEANUP(json_done) cJSON *new = cJSON_CreateObject();
	CLEANUP(json_done) cJSON *old = NULL;
	CLEANUP(json_done) cJSON *begun = NULL;
	struct juju_walk list = { .top = from, .visit = list_one, .data = new };
	struct juju_walk write = { .top = from, .visit = write_one };
	CLEANUP(cleanup_free) char *copy = alloc_text(folder);

	write.data = copy;
	if (juju_walk_tree(&list, "", err) || write_json(new_path, new, err))
		return -1;
	if (*current && read_manifest(&old, old_path, err))
		return -1;
	if (*half && read_manifest(&begun, half_path, err))
		return -1;
	if (write_marker(folder, ".juju-deploying", charm, err) ||
		remove_old(folder, old, new, err) || remove_old(folder, begun, new, err) ||
		juju_walk_tree(&write, "", err) || write_marker(folder, ".juju-charm", charm, err))
		return -1;
	return juju_remove_tree(deploying, err);
}

int juju_charm_deploy(const char *dir, const char *unit, const char *charm, struct error *err)
{
	CLEANUP(cleanup_free) char *agent = juju_unit_path(dir, "agents", unit);
	CLEANUP(cleanup_free) char *folder = juju_charm_dir(dir, unit);
	CLEANUP(cleanup_free) char *manifests = alloc_textf("%s/state/deployer/manifests", agent);
	CLEANUP(cleanup_free) char *from = alloc_textf("%s/charms/%s", dir, charm);

	if (juju_make_dirs(folder, err) || juju_make_dirs(manifests, err) ||
		swap(folder, from, manifests, charm, err))
		return error_wrap(err, "upgrade failed");
	return 0;
}
