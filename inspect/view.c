/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "inspect/inspect.h"

int inspect_open(const char *directory, struct inspect_view *ret, struct error *err)
{
	struct inspect_view view = { 0 };

	if (store_inspect(directory, &view.store, err) < 0) {
		if (err && err->kind == ERROR_SYSTEM && err->code == ENOENT)
			error_set(err, ERROR_SYSTEM,
				"there is no database yet: no hook of this unit has run");
		else if (err && err->kind == ERROR_NEWER)
			error_wrap(err, "the database is of a newer charm");
		return -1;
	}
	if (store_load(view.store, &view.record, err) < 0) {
		store_close(view.store);
		return -1;
	}
	view.schema = store_schema(view.store);
	*ret = view;
	return 0;
}

void inspect_close(struct inspect_view *view)
{
	store_close(view->store);
	view->store = NULL;
}
