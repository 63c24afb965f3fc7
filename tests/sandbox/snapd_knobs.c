/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "tests/sandbox/snapd_api.h"
#include "tests/sandbox/snapd_command.h"
#include "tests/sandbox/snapd_fields.h"
#include "tests/sandbox/snapd_save.h"
#include "tests/sandbox/snapd_store.h"

const char *sim_command_text(const cJSON *what, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(what, key));
}

bool sim_command_flag(const cJSON *what, const char *key)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(what, key));
}

long long sim_command_number(const cJSON *what, const char *key, long long otherwise)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(what, key);

	return cJSON_IsNumber(value) ? (long long)value->valuedouble : otherwise;
}

/* The members of the current revision are set together with those of the snap. */
static int set_snap(struct sim *sim, struct sim_snap *snap, cJSON *set, struct error *err)
{
	static const char *const of_revision[] = { "revision", "version", "channel", "quirk",
		"confinement", "size", "services" };
	cJSON *revision = cJSON_CreateObject();
	cJSON *service = cJSON_DetachItemFromObjectCaseSensitive(set, "service");
	cJSON *disabled = cJSON_DetachItemFromObjectCaseSensitive(set, "disabled");
	cJSON *apps = cJSON_DetachItemFromObjectCaseSensitive(set, "apps");
	CLEANUP(cleanup_free) char *text = apps ? cJSON_PrintUnformatted(apps) : NULL;
	int result;

	for (size_t i = 0; i < sizeof of_revision / sizeof of_revision[0]; i++) {
		cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(set, of_revision[i]);

		if (item)
			cJSON_AddItemToObject(revision, of_revision[i], item);
	}
	result = sim_fields_merge(sim_revision_fields, sim_snap_current(snap), revision, err);
	if (result == 0)
		result = sim_fields_merge(sim_snap_fields, snap, set, err);
	if (disabled)
		snap->active = !cJSON_IsTrue(disabled);
	if (service) {
		snap->wanted = snap->enabled = sim_command_flag(service, "enabled");
		snap->running = sim_command_flag(service, "active");
	}
	if (text && strlen(text) < sizeof snap->apps)
		(void)strcpy(snap->apps, text);
	(void)sim;
	cJSON_Delete(revision);
	cJSON_Delete(service);
	cJSON_Delete(disabled);
	cJSON_Delete(apps);
	return result;
}

static int snap(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	static const struct sim_revision first = { .number = "1",
		.version = "1.0",
		.channel = "latest/stable",
		.confinement = "strict",
		.size = 286720 };
	const char *name = sim_command_text(what, "name");
	cJSON *set = cJSON_GetObjectItemCaseSensitive(what, "set");

	(void)ret;
	name = name ? name : "microsample";
	sim_api_catch_up(sim);
	if (sim_command_flag(what, "gone")) {
		sim_snap_remove(sim, name);
		return 0;
	}
	if (!cJSON_IsObject(set))
		return error_set(err, ERROR_FORMAT, "set what?");
	if (!sim_snap(sim, name))
		sim_store_install(sim, name, &first, "latest/stable");
	return set_snap(sim, sim_snap(sim, name), set, err);
}

static int store(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	cJSON *set = cJSON_GetObjectItemCaseSensitive(what, "set");

	(void)ret;
	if (!cJSON_IsObject(set))
		return error_set(err, ERROR_FORMAT, "set what?");
	sim_api_catch_up(sim);
	return sim_store_set(&sim->store, set, err);
}

static int set_flag(const cJSON *what, bool *flag, struct error *err)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(what, "value");

	if (!cJSON_IsBool(value))
		return error_set(err, ERROR_FORMAT, "value must be true or false");
	*flag = cJSON_IsTrue(value);
	return 0;
}

static int seeded(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)ret;
	return set_flag(what, &sim->seeded, err);
}

static int degraded(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)ret;
	return set_flag(what, &sim->degraded, err);
}

static int root(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)ret;
	return set_flag(what, &sim->root, err);
}

static int maintenance(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)ret;
	return set_flag(what, &sim->maintenance, err);
}

static int like(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	const char *version = sim_command_text(what, "value");

	(void)ret;
	if (!version || (strcmp(version, "2.68") != 0 && strcmp(version, "2.77") != 0))
		return error_set(err, ERROR_FORMAT, "like 2.68 or 2.77");
	sim->newer = strcmp(version, "2.77") == 0;
	return 0;
}

static int away(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	static const struct {
		const char *how;
		enum sim_away away;
	} ways[] = { { "refused", SIM_REFUSED }, { "missing", SIM_MISSING },
		{ "hang", SIM_HANGING } };
	const char *how = sim_command_text(what, "how");

	(void)ret;
	for (size_t i = 0; how && i < sizeof ways / sizeof ways[0]; i++) {
		if (strcmp(ways[i].how, how) == 0) {
			sim->away = ways[i].away;
			return 0;
		}
	}
	return error_set(err, ERROR_FORMAT, "away how: refused, missing or hang?");
}

static int back(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)what;
	(void)ret;
	(void)err;
	sim->away = SIM_PRESENT;
	return 0;
}

/* clang-format off */
const struct sim_command_row sim_knobs[] = {
	{ "snap",        "name set gone", snap },
	{ "store",       "set",           store },
	{ "seeded",      "value",         seeded },
	{ "degraded",    "value",         degraded },
	{ "root",        "value",         root },
	{ "maintenance", "value",         maintenance },
	{ "like",        "value",         like },
	{ "away",        "how",           away },
	{ "back",        "",              back },
	{ NULL,          NULL,            NULL },
};
/* clang-format on */
