/* SPDX-License-Identifier: Apache-2.0 */
#include "juju/resource.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "juju/tool.h"

/* Juju has no code for it: exit status 1 is also a controller that does not answer. */
static bool has_none(const char *name, const char *said)
{
	CLEANUP(cleanup_free) char *words = alloc_textf("resource \"%s\" not found", name);

	return strstr(said, words) != NULL;
}

int juju_resource(const char *name, int64_t limit, char *ret, size_t size, struct error *err)
{
	const char *argv[] = { "resource-get", name, NULL };
	CLEANUP(buf_done) struct buf out;
	CLEANUP(buf_done) struct buf said;
	struct error why = { 0 };
	size_t length;

	buf_init(&out, TOOL_OUTPUT_MAX);
	buf_init(&said, TOOL_OUTPUT_MAX);
	if (tool_run(argv, limit, &out, &said, &why) < 0) {
		if (why.kind == ERROR_TOOL && why.code == 1 && has_none(name, buf_text(&said))) {
			*ret = '\0';
			return 0;
		}
		if (err)
			*err = why;
		return -1;
	}
	length = strcspn(buf_text(&out), "\n"); /* none comes with it, by now */
	if (*buf_text(&out) != '/' || length >= size || length + 1 < out.len)
		return error_set(err, ERROR_FORMAT, "resource-get: its output is no path");
	(void)snprintf(ret, size, "%.*s", (int)length, buf_text(&out));
	return 0;
}
