/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hook tool resource-get. It asks the controller each time, and writes the file of the unit in
 * place unless that is the same already: a download that fails leaves what came of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_tools.h"

static bool same_bytes(int one, int other)
{
	char a[65536], b[65536];
	ssize_t got;

	while ((got = read(one, a, sizeof a)) > 0)
		if (read(other, b, (size_t)got) != got || memcmp(a, b, (size_t)got) != 0)
			return false;
	return got == 0 && read(other, b, 1) == 0;
}

static bool same(const char *one, const char *other)
{
	CLEANUP(cleanup_close) int a = open(one, O_RDONLY | O_CLOEXEC);
	CLEANUP(cleanup_close) int b = open(other, O_RDONLY | O_CLOEXEC);

	return a >= 0 && b >= 0 && same_bytes(a, b);
}

/* Copies SIZE bytes at most. */
static int download(const char *from, const char *to, long long size)
{
	CLEANUP(cleanup_close) int in = open(from, O_RDONLY | O_CLOEXEC);
	CLEANUP(cleanup_close)
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	char data[65536];
	ssize_t got = 0;

	if (in < 0 || out < 0)
		return -1;
	for (; size > 0; size -= got) {
		got = read(in, data, size < (long long)sizeof data ? (size_t)size : sizeof data);
		if (got <= 0)
			break;
		if (juju_write_all(out, data, (size_t)got))
			return -1;
	}
	return got < 0 ? -1 : 0;
}

static int fetch(struct juju_call *call, const char *from, const char *to)
{
	struct stat st;

	if (stat(from, &st))
		return juju_tool_fail(call, 1, "could not download resource: %s", strerror(errno));
	if (call->halfway) {
		(void)download(from, to, st.st_size / 2);
		return juju_tool_fail(call, 1, "could not download resource: unexpected EOF");
	}
	if (!same(from, to) && download(from, to, st.st_size))
		return juju_tool_fail(call, 1, "could not download resource: %s", strerror(errno));
	return buf_adds(&call->out, to) ? 1 : 0;
}

int juju_tool_resource_get(struct juju_call *call)
{
	const char *name = call->flags.nargs ? call->flags.args[0] : NULL;
	const char *file =
		name ? json_text(json_get(json_get(call->app, "charm"), "resources"), name, NULL)
		     : NULL;
	CLEANUP(cleanup_free) char *from = NULL;
	CLEANUP(cleanup_free) char *agent = NULL;
	CLEANUP(cleanup_free) char *folder = NULL;
	CLEANUP(cleanup_free) char *to = NULL;
	int extra = juju_tool_extra(call, 1);
	struct error err;

	if (!name)
		return juju_tool_fail(call, 2, "missing required resource name");
	if (extra)
		return extra;
	if (!file || !json_has(json_get(call->app, "attached"), name))
		return juju_tool_fail(call, 1,
			"could not download resource: HTTP request failed: resource \"%s\" not "
			"found",
			name);
	from = juju_resource_path(&call->model, call->app, name);
	agent = juju_unit_path(call->model.dir, "agents", call->unit_name);
	folder = alloc_textf("%s/resources", agent);
	to = alloc_textf("%s/%s", folder, file);
	if (juju_make_dirs(folder, &err))
		return juju_tool_fail(call, 1, "could not download resource: %s", err.text);
	return fetch(call, from, to);
}
