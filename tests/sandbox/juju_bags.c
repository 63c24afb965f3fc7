/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_bags.h"

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_json.h"

static void write_bag(cJSON *app, const char *relation, const char *name, const cJSON *data)
{
	cJSON *bag = json_object(json_object(json_object(app, "bags"), relation), name);

	json_put(bag, "data", cJSON_Duplicate(data, true));
	json_put_number(bag, "version", (double)json_number(bag, "version", 0) + 1);
}

static const cJSON *find(const cJSON *app, const char *relation, const char *name)
{
	return json_get(json_get(json_get(app, "bags"), relation), name);
}

const cJSON *juju_bags_data(const cJSON *app, const char *relation, const char *name)
{
	return json_get(find(app, relation, name), "data");
}

long long juju_bags_version(const cJSON *app, const char *relation, const char *name)
{
	return json_number(find(app, relation, name), "version", 0);
}

void juju_bags_enter(const struct juju_model *model, cJSON *unit, const char *relation)
{
	const char *address = json_text(unit, "address", "");
	CLEANUP(cleanup_free) char *subnet = alloc_textf("%s/32", address);
	CLEANUP(json_done) cJSON *data = cJSON_CreateObject();
	cJSON *app = juju_model_unit_app(model, unit);

	if (find(app, relation, unit->string))
		return;
	json_put_text(data, "egress-subnets", subnet);
	json_put_text(data, "ingress-address", address);
	if (model->like->private_address)
		json_put_text(data, "private-address", address);
	write_bag(app, relation, unit->string, data);
}

cJSON *juju_bags_pending(
	const struct juju_model *model, cJSON *unit, const char *relation, const char *name)
{
	const cJSON *held = juju_bags_data(juju_model_unit_app(model, unit), relation, name);
	cJSON *written =
		json_object(json_object(json_object(unit, "context"), "relation-sets"), relation);

	if (!json_has(written, name))
		json_put(written, name, held ? cJSON_Duplicate(held, true) : cJSON_CreateObject());
	return json_get(written, name);
}

/* Calls for each bag that the hook changed; with TAKE, it is taken over. False: not allowed. */
static bool each_changed(const struct juju_model *model, cJSON *unit, bool take)
{
	cJSON *app = juju_model_unit_app(model, unit);
	const char *app_name = json_text(app, "name", "");
	bool leads = strcmp(json_text(app, "leader", ""), unit->string) == 0;
	const cJSON *relation, *data;

	cJSON_ArrayForEach(relation, json_get(json_get(unit, "context"), "relation-sets"))
	{
		cJSON_ArrayForEach(data, relation)
		{
			CLEANUP(json_done) cJSON *none = cJSON_CreateObject();
			const cJSON *held = juju_bags_data(app, relation->string, data->string);

			if (cJSON_Compare(held ? held : none, data, true))
				continue;
			if (!leads && strcmp(data->string, app_name) == 0)
				return false;
			if (take)
				write_bag(app, relation->string, data->string, data);
		}
	}
	return true;
}

bool juju_bags_commit(const struct juju_model *model, cJSON *unit)
{
	return each_changed(model, unit, false) && each_changed(model, unit, true);
}
