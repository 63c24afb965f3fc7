/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model as juju status shows it.
 */
#ifndef SANDBOX_JUJU_VIEW_H
#define SANDBOX_JUJU_VIEW_H

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "tests/sandbox/juju_model.h"

/* What the workload column shows: an error hides the charm's own status. {status,message,since} */
cJSON *juju_view_workload(const cJSON *unit);

/* The application's status: what its leader set, or that of its most severe unit. */
cJSON *juju_view_app_status(const struct juju_model *model, const cJSON *app);

/* The version of the unit that changed it last. */
const char *juju_view_version(const struct juju_model *model, const cJSON *app);

/* The document of --format json and yaml. */
cJSON *juju_view_document(const struct juju_model *model);

/* Lines of cells with aligned columns; RIGHT holds 'r' for a column that is aligned right. */
struct juju_table {
	const char *right;
	int columns;
	int rows;
	char *cells[256];
};

void juju_table_row(struct juju_table *table, const char *const *cells);
void juju_table_print(struct buf *ret, struct juju_table *table);

#endif
