/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that only look: status, show, debug-log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_commands.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_log.h"
#include "tests/sandbox/juju_ports.h"
#include "tests/sandbox/juju_settings.h"
#include "tests/sandbox/juju_time.h"
#include "tests/sandbox/juju_view.h"

enum {
	MESSAGE_MAX = 120, /* bytes; "..." included */
	VERSION_MAX = 15,
};

/* The first line of TEXT, at most MAX bytes. To be freed. */
static char *cut(const char *text, size_t max, bool first_line)
{
	size_t len = first_line ? strcspn(text, "\n") : strlen(text);

	if (len <= max)
		return alloc_textf("%.*s", (int)len, text);
	return alloc_textf("%.*s...", (int)max - 3, text);
}

static void add_app(struct juju_table *table, const struct juju_model *model, const cJSON *app)
{
	CLEANUP(json_done) cJSON *status = juju_view_app_status(model, app);
	const cJSON *charm = json_get(app, "charm");
	CLEANUP(cleanup_free)
	char *version = cut(juju_view_version(model, app), VERSION_MAX, true);
	CLEANUP(cleanup_free)
	char *message = cut(json_text(status, "message", ""), MESSAGE_MAX, false);
	char scale[16], revision[24];
	const cJSON *unit;
	int units = 0;

	cJSON_ArrayForEach(unit, json_get(model->root, "units")) units +=
		strcmp(json_text(unit, "app", ""), app->string) == 0;
	(void)snprintf(scale, sizeof scale, "%d", units);
	(void)snprintf(revision, sizeof revision, "%lld", json_number(charm, "revision", 0));
	juju_table_row(
		table, (const char *[]){ app->string, version, json_text(status, "status", ""),
			       scale, json_text(charm, "name", ""), "", revision, "no", message });
}

/* What the agent runs stands before the message and counts for its length. */
static char *unit_message(const cJSON *unit, const cJSON *workload)
{
	const char *doing = json_text(json_get(unit, "agent"), "message", "");
	CLEANUP(cleanup_free) char *what = NULL;
	CLEANUP(cleanup_free) char *whole = NULL;

	if (strncmp(doing, "running action ", 15) == 0)
		what = alloc_textf("(%s) ", doing + 15);
	else if (strncmp(doing, "running ", 8) == 0)
		what = alloc_textf("(%.*s) ", (int)strcspn(doing + 8, " "), doing + 8);
	whole = alloc_textf("%s%s", what ? what : "", json_text(workload, "message", ""));
	return cut(whole, MESSAGE_MAX, false);
}

static void add_unit(struct juju_table *table, const struct juju_model *model, const cJSON *unit)
{
	const cJSON *app = juju_model_unit_app(model, unit);
	bool leader = strcmp(json_text(app, "leader", ""), unit->string) == 0;
	CLEANUP(json_done) cJSON *workload = juju_view_workload(unit);
	CLEANUP(cleanup_free) char *name = alloc_textf("%s%s", unit->string, leader ? "*" : "");
	CLEANUP(cleanup_free) char *message = unit_message(unit, workload);
	CLEANUP(buf_done) struct buf ports = { .limit = 4096 };

	juju_ports_column(&ports, unit);
	juju_table_row(table,
		(const char *[]){ name, json_text(workload, "status", ""),
			json_text(json_get(unit, "agent"), "status", ""), juju_model_machine(unit),
			json_text(unit, "address", ""), buf_text(&ports), message });
}

static void add_head(struct juju_table *head, const struct juju_model *model, const char *now)
{
	const char *name = json_text(model->root, "name", "");
	const char *controller = json_text(model->root, "controller", "");
	const char *version = model->like->version;

	if (model->like->meters) {
		juju_table_row(head, (const char *[]){ "Model", "Controller", "Cloud/Region",
					     "Version", "SLA", "Timestamp" });
		juju_table_row(head, (const char *[]){ name, controller, "localhost/localhost",
					     version, "unsupported", now });
		return;
	}
	juju_table_row(head,
		(const char *[]){ "Model", "Controller", "Cloud/Region", "Version", "Timestamp" });
	juju_table_row(
		head, (const char *[]){ name, controller, "localhost/localhost", version, now });
}

static void print_tables(const struct juju_model *model)
{
	struct juju_table head = { .right = "lllllll", .columns = model->like->meters ? 6 : 5 };
	struct juju_table apps = { .right = "lllrllrll", .columns = 9 };
	struct juju_table units = { .right = "lllllll", .columns = 7 };
	struct juju_table machines = { .right = "lllllll", .columns = 7 };
	CLEANUP(buf_done) struct buf text = { .limit = 16 << 20 };
	char clock[40], now[48];
	const cJSON *item;

	juju_time_text(clock, juju_time_now(), JUJU_TIME_CLOCK);
	(void)snprintf(now, sizeof now, "%sZ", clock);
	add_head(&head, model, now);
	juju_table_row(&apps, (const char *[]){ "App", "Version", "Status", "Scale", "Charm",
				      "Channel", "Rev", "Exposed", "Message" });
	cJSON_ArrayForEach(item, json_get(model->root, "apps")) add_app(&apps, model, item);
	juju_table_row(&units, (const char *[]){ "Unit", "Workload", "Agent", "Machine",
				       "Public address", "Ports", "Message" });
	cJSON_ArrayForEach(item, json_get(model->root, "units")) add_unit(&units, model, item);
	juju_table_row(&machines, (const char *[]){ "Machine", "State", "Address", "Inst id",
					  "Base", "AZ", "Message" });
	cJSON_ArrayForEach(item, json_get(model->root, "machines"))
	{
		CLEANUP(cleanup_free) char *host = alloc_textf("juju-sandbox-%s", item->string);

		juju_table_row(&machines, (const char *[]){ item->string, "started", "10.0.0.10",
						  host, "ubuntu@22.04", "", "Running" });
	}
	juju_table_print(&text, &head);
	(void)buf_adds(&text, "\n");
	juju_table_print(&text, &apps);
	(void)buf_adds(&text, "\n");
	juju_table_print(&text, &units);
	(void)buf_adds(&text, "\n");
	juju_table_print(&text, &machines);
	(void)fputs(buf_text(&text), stdout);
}

int juju_command_status(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	const char *format = juju_flag(&command->flags, "format");
	CLEANUP(json_done) cJSON *document = NULL;
	CLEANUP(buf_done) struct buf text = { .limit = 16 << 20 };

	if (juju_model_open(&model, command->dir, err))
		return -1;
	if (!format || strcmp(format, "tabular") == 0) {
		print_tables(&model);
		return 0;
	}
	document = juju_view_document(&model);
	if (strcmp(format, "json") == 0) {
		json_print_go(&text, document);
		(void)buf_adds(&text, "\n");
	} else if (strcmp(format, "yaml") == 0) {
		json_print_yaml(&text, document, 0);
	} else {
		return error_set(err, ERROR_FORMAT,
			"invalid value \"%s\" for option --format: unknown format \"%s\"", format,
			format);
	}
	(void)fputs(buf_text(&text), stdout);
	return 0;
}

int juju_command_debug_log(struct juju_command *command, struct error *err)
{
	const char *wanted = juju_flag(&command->flags, "level");
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	CLEANUP(json_done) cJSON *records = NULL;
	int level = juju_log_level(wanted ? wanted : "INFO");
	const char *limit = juju_flag(&command->flags, "limit");

	if (limit && strcmp(limit, "0") != 0)
		return error_set(err, ERROR_FORMAT, "only --limit 0 is played: no limit");
	if (level < 0)
		return error_set(err, ERROR_FORMAT,
			"level value \"%s\" is not one of \"TRACE\", \"DEBUG\", \"INFO\", "
			"\"WARNING\", \"ERROR\"",
			wanted);
	if (juju_model_open(&model, command->dir, err))
		return -1;
	juju_model_close(&model);
	records = juju_log_read(command->dir, NULL);
	juju_log_print(records, level, juju_flag_all(&command->flags, "include"));
	return 0;
}
