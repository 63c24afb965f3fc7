/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_ports.h"
#include "tests/sandbox/juju_time.h"

cJSON *juju_view_workload(const cJSON *unit)
{
	const cJSON *status = json_get(unit, "status");
	const cJSON *error = json_get(unit, "error");
	cJSON *shown = cJSON_CreateObject();
	CLEANUP(cleanup_free)
	char *message = alloc_textf("hook failed: \"%s\"", json_text(error, "hook", ""));

	json_put_text(shown, "status", error ? "error" : json_text(status, "status", "unknown"));
	json_put_text(shown, "message", error ? message : json_text(status, "message", ""));
	json_put_number(shown, "since", (double)json_number(status, "since", 0));
	return shown;
}

static int severity(const char *status)
{
	static const char *const order[] = { "unknown", "terminated", "active", "waiting",
		"maintenance", "blocked", "error" };

	for (int at = 0; at < (int)(sizeof order / sizeof *order); at++)
		if (strcmp(order[at], status) == 0)
			return at;
	return -1;
}

cJSON *juju_view_app_status(const struct juju_model *model, const cJSON *app)
{
	cJSON *worst = NULL;
	const cJSON *unit;

	if (json_get(app, "status"))
		return cJSON_Duplicate(json_get(app, "status"), true);
	cJSON_ArrayForEach(unit, json_get(model->root, "units"))
	{
		cJSON *shown;

		if (strcmp(json_text(unit, "app", ""), json_text(app, "name", "")) != 0)
			continue;
		shown = juju_view_workload(unit);
		if (worst && severity(json_text(shown, "status", "")) <=
				     severity(json_text(worst, "status", ""))) {
			cJSON_Delete(shown);
			continue;
		}
		cJSON_Delete(worst);
		worst = shown;
	}
	if (worst)
		return worst;
	worst = cJSON_CreateObject();
	json_put_text(worst, "status", "unknown");
	json_put_text(worst, "message", "");
	return worst;
}

const char *juju_view_version(const struct juju_model *model, const cJSON *app)
{
	const cJSON *unit = juju_model_unit(model, json_text(app, "version-unit", ""));

	return json_text(unit, "version", "");
}

static cJSON *status_block(const cJSON *status)
{
	cJSON *block = cJSON_CreateObject();
	char since[40];

	juju_time_text(since, json_number(status, "since", 0), JUJU_TIME_SINCE);
	json_put_text(block, "current", json_text(status, "status", ""));
	if (*json_text(status, "message", ""))
		json_put_text(block, "message", json_text(status, "message", ""));
	json_put_text(block, "since", since);
	return block;
}

static cJSON *unit_block(const struct juju_model *model, const cJSON *unit, const cJSON *app)
{
	CLEANUP(json_done) cJSON *workload = juju_view_workload(unit);
	cJSON *block = cJSON_CreateObject();
	CLEANUP(json_done) cJSON *ports = juju_ports_list(unit);

	json_put(block, "workload-status", status_block(workload));
	json_put(block, "juju-status", status_block(json_get(unit, "agent")));
	json_put_text(json_get(block, "juju-status"), "version", model->like->version);
	if (strcmp(json_text(app, "leader", ""), unit->string) == 0)
		json_put_bool(block, "leader", true);
	json_put_text(block, "machine", juju_model_machine(unit));
	if (ports->child)
		json_put(block, "open-ports", cJSON_Duplicate(ports, true));
	json_put_text(block, "public-address", json_text(unit, "address", ""));
	return block;
}

/* NAME@CHANNEL in parts. */
static cJSON *base_block(const char *base)
{
	const char *at = strchr(base, '@');
	CLEANUP(cleanup_free)
	char *name = alloc_textf("%.*s", (int)strcspn(base, "@"), base);
	cJSON *block = cJSON_CreateObject();

	json_put_text(block, "name", name);
	json_put_text(block, "channel", at ? at + 1 : "");
	return block;
}

static void fill_machine(cJSON *machine, const char *version)
{
	CLEANUP(cleanup_free) char *host = alloc_textf("juju-sandbox-%s", machine->string);
	cJSON *status = json_object(machine, "juju-status");
	cJSON *addresses = json_array(machine, "ip-addresses");

	json_put_text(status, "current", "started");
	json_put_text(status, "version", version);
	json_put_text(json_object(machine, "machine-status"), "current", "running");
	json_put_text(json_get(machine, "machine-status"), "message", "Running");
	json_put_text(machine, "hostname", host);
	json_put_text(machine, "dns-name", "10.0.0.10");
	json_push_text(addresses, "10.0.0.10");
	json_put_text(machine, "instance-id", host);
	json_put(machine, "base", base_block("ubuntu@22.04"));
}

static cJSON *app_block(const struct juju_model *model, const cJSON *app)
{
	CLEANUP(json_done) cJSON *status = juju_view_app_status(model, app);
	const cJSON *charm = json_get(app, "charm");
	const char *version = juju_view_version(model, app);
	cJSON *block = cJSON_CreateObject();
	CLEANUP(cleanup_free)
	char *url = alloc_textf(
		"local:%s-%lld", json_text(charm, "name", ""), json_number(charm, "revision", 0));
	const cJSON *unit;

	json_put_text(block, "charm", url);
	json_put(block, "base", base_block(json_text(charm, "base", "")));
	json_put_text(block, "charm-name", json_text(charm, "name", ""));
	json_put_text(block, "charm-origin", "local");
	json_put_number(block, "charm-rev", (double)json_number(charm, "revision", 0));
	json_put_bool(block, "exposed", false);
	json_put(block, "application-status", status_block(status));
	if (*version)
		json_put_text(block, "version", version);
	cJSON_ArrayForEach(
		unit, json_get(model->root, "units")) if (strcmp(json_text(unit, "app", ""),
								  json_text(app, "name", "")) == 0)
		json_put(json_object(block, "units"), unit->string, unit_block(model, unit, app));
	return block;
}

cJSON *juju_view_document(const struct juju_model *model)
{
	cJSON *document = cJSON_CreateObject();
	cJSON *head = json_object(document, "model");
	cJSON *apps = json_object(document, "applications");
	const cJSON *app, *machine;
	CLEANUP(cleanup_free) char *timestamp = NULL;
	char now[40];

	juju_time_text(now, juju_time_now(), JUJU_TIME_CLOCK);
	timestamp = alloc_textf("%sZ", now);
	json_put_text(json_object(document, "controller"), "timestamp", timestamp);
	json_put_text(head, "name", json_text(model->root, "name", ""));
	json_put_text(head, "type", "iaas");
	json_put_text(head, "controller", json_text(model->root, "controller", ""));
	json_put_text(head, "cloud", "localhost");
	json_put_text(head, "region", "localhost");
	json_put_text(head, "version", model->like->version);
	cJSON_ArrayForEach(machine, json_get(model->root, "machines"))
		fill_machine(json_object(json_object(document, "machines"), machine->string),
			model->like->version);
	cJSON_ArrayForEach(app, json_get(model->root, "apps"))
		json_put(apps, app->string, app_block(model, app));
	return document;
}

void juju_table_row(struct juju_table *table, const char *const *cells)
{
	for (int at = 0; at < table->columns; at++)
		table->cells[table->rows * table->columns + at] = alloc_text(cells[at]);
	table->rows++;
}

void juju_table_print(struct buf *ret, struct juju_table *table)
{
	int width[16] = { 0 };

	for (int at = 0; at < table->rows * table->columns; at++) {
		int len = (int)strlen(table->cells[at]);
		int *widest = &width[at % table->columns];

		*widest = len > *widest ? len : *widest;
	}
	for (int at = 0; at < table->rows * table->columns; at++) {
		int column = at % table->columns;
		bool last = column == table->columns - 1;
		bool right = table->right[column] == 'r';

		(void)buf_addf(ret, "%*s%s",
			last    ? 0
			: right ? width[column]
				: -width[column],
			table->cells[at], last ? "" : "  ");
		while (last && ret->len && ret->data[ret->len - 1] == ' ')
			ret->data[--ret->len] = '\0';
		if (last)
			(void)buf_adds(ret, "\n");
		free(table->cells[at]);
	}
	table->rows = 0;
}
