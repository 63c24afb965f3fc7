/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hooks of peer relations. A unit has entered them once its `created` hooks have run; it then
 * hears of each other unit that has, by `joined` and `changed`, after its own `start`. A unit that
 * dies hears for each of these, before `stop`, that it departs itself; whether those that stay hear
 * it too depends on the version of Juju.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_uniter.h"

/* What UNIT knows of OTHER in RELATION: "joined", "changed", or "" for nothing. */
static const char *known(const cJSON *unit, const char *relation, const char *other)
{
	return json_text(json_get(json_get(unit, "members"), relation), other, "");
}

static bool queue(cJSON *unit, const char *relation, const char *what, const char *other,
	const char *departing)
{
	CLEANUP(cleanup_free) char *hook = alloc_textf("%s-relation-%s", relation, what);

	juju_follow_queue(unit, hook);
	juju_follow_about(unit, other, departing);
	return true;
}

static bool departs(const struct juju_model *model, cJSON *unit, const char *relation)
{
	const char *self = json_text(unit, "name", "");
	bool dying = json_true(unit, "dying");
	const cJSON *member;

	cJSON_ArrayForEach(member, json_get(json_get(unit, "members"), relation))
	{
		if (dying)
			return queue(unit, relation, "departed", member->string, self);
		if (model->like->hears_departed && !juju_model_unit(model, member->string))
			return queue(unit, relation, "departed", member->string, member->string);
	}
	return false;
}

static bool joins(const struct juju_model *model, cJSON *unit, const char *relation)
{
	const cJSON *other;

	cJSON_ArrayForEach(other, json_get(model->root, "units"))
	{
		const char *state = known(unit, relation, other->string);

		if (other == unit || strcmp(state, "changed") == 0 || json_true(other, "dying") ||
			strcmp(json_text(other, "app", ""), json_text(unit, "app", "")) != 0 ||
			!json_true(json_get(other, "relations"), relation))
			continue;
		return queue(unit, relation, *state ? "changed" : "joined", other->string, "");
	}
	return false;
}

bool juju_relations_queue(const struct juju_model *model, cJSON *unit)
{
	const cJSON *app = juju_model_unit_app(model, unit);
	const cJSON *peer;

	cJSON_ArrayForEach(peer, json_get(json_get(app, "charm"), "peers"))
	{
		const char *relation = cJSON_GetStringValue(peer);

		if (departs(model, unit, relation) ||
			(!json_true(unit, "dying") && joins(model, unit, relation)))
			return true;
	}
	return false;
}

void juju_relations_done(cJSON *unit, const char *hook)
{
	const char *other = json_text(json_get(unit, "op"), "remote", "");
	const char *found = strstr(hook, "-relation-");
	const char *what = found ? found + strlen("-relation-") : "";
	CLEANUP(cleanup_free) char *name = NULL;

	if (!found)
		return;
	name = alloc_textf("%.*s", (int)(found - hook), hook);
	if (strcmp(what, "created") == 0)
		json_put_bool(json_object(unit, "relations"), name, true);
	else if (strcmp(what, "departed") == 0 && *other)
		json_drop(json_object(json_object(unit, "members"), name), other);
	else if (*other)
		json_put_text(json_object(json_object(unit, "members"), name), other, what);
}
