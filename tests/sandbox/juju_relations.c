/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hooks of peer relations. A unit enters them with its `created` hooks; after its own `start` it
 * hears, by `changed` without a unit, of each new version of the application's bag (the leader of what
 * it wrote itself, too), of each other unit that has entered, by `joined` and `changed`, and again by
 * `changed` of each new version of that unit's bag, of several at once only once. A unit that dies
 * hears for each of the others, before `stop`, that it departs itself; whether those that stay hear
 * it too depends on the version of Juju. No peer hears `broken`.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_bags.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_uniter.h"

struct event {
	const char *relation;
	const char *what;
	const char *other; /* "": the application */
	const char *departing;
	long long version; /* of the bag, as it is now */
};

/* The version of the bag of OTHER that UNIT was told of; 0 after `joined`, -1 before. */
static long long told(const cJSON *unit, const char *relation, const char *other)
{
	return json_number(json_get(json_get(unit, "members"), relation), other, -1);
}

static bool departs(struct event *ret, const struct juju_model *model, const cJSON *unit)
{
	const char *self = json_text(unit, "name", "");
	bool dying = json_true(unit, "dying");
	const cJSON *member;

	cJSON_ArrayForEach(member, json_get(json_get(unit, "members"), ret->relation))
	{
		if (!dying &&
			(!model->like->hears_departed || juju_model_unit(model, member->string)))
			continue;
		ret->what = "departed";
		ret->other = member->string;
		ret->departing = dying ? self : member->string;
		return true;
	}
	return false;
}

static bool app_changes(struct event *ret, const struct juju_model *model, const cJSON *unit)
{
	const char *name = json_text(unit, "app", "");

	ret->version = juju_bags_version(juju_model_unit_app(model, unit), ret->relation, name);
	ret->what = "changed";
	return ret->version > json_number(json_get(unit, "app-told"), ret->relation, 0);
}

static bool others_change(struct event *ret, const struct juju_model *model, const cJSON *unit)
{
	const cJSON *app = juju_model_unit_app(model, unit);
	const cJSON *other;

	cJSON_ArrayForEach(other, json_get(model->root, "units"))
	{
		long long before = told(unit, ret->relation, other->string);

		ret->version = juju_bags_version(app, ret->relation, other->string);
		if (other == unit || (json_true(other, "dying") && before < 0) ||
			before >= ret->version ||
			strcmp(json_text(other, "app", ""), json_text(unit, "app", "")) != 0 ||
			!json_true(json_get(other, "relations"), ret->relation))
			continue;
		ret->what = before < 0 ? "joined" : "changed";
		ret->other = other->string;
		return true;
	}
	return false;
}

/* The next one that is due. */
static bool next(struct event *ret, const struct juju_model *model, const cJSON *unit)
{
	const cJSON *peers = json_get(json_get(juju_model_unit_app(model, unit), "charm"), "peers");
	const cJSON *peer;

	cJSON_ArrayForEach(peer, peers)
	{
		*ret = (struct event){ cJSON_GetStringValue(peer), "", "", "", 0 };
		if (departs(ret, model, unit) ||
			(!json_true(unit, "dying") &&
				(app_changes(ret, model, unit) || others_change(ret, model, unit))))
			return true;
	}
	return false;
}

bool juju_relations_due(const struct juju_model *model, const cJSON *unit)
{
	struct event event;

	return json_true(unit, "started") && !json_has(unit, "error") && next(&event, model, unit);
}

bool juju_relations_queue(const struct juju_model *model, cJSON *unit)
{
	CLEANUP(cleanup_free) char *hook = NULL;
	struct event event;

	if (!next(&event, model, unit))
		return false;
	hook = alloc_textf("%s-relation-%s", event.relation, event.what);
	juju_follow_queue(unit, hook);
	juju_follow_about(unit, event.other, event.departing);
	json_put_number(json_get(unit, "op"), "version", (double)event.version);
	return true;
}

/* "peers-relation-changed": what happened, and in RET_RELATION the name, to be freed; or NULL. */
static const char *taken_apart(const char *hook, char **ret_relation)
{
	const char *found = strstr(hook, "-relation-");

	if (!found)
		return NULL;
	*ret_relation = alloc_textf("%.*s", (int)(found - hook), hook);
	return found + strlen("-relation-");
}

void juju_relations_before(const struct juju_model *model, cJSON *unit, const char *hook)
{
	const char *other = json_text(json_get(unit, "op"), "remote", "");
	CLEANUP(cleanup_free) char *relation = NULL;
	const char *what = taken_apart(hook, &relation);

	if (what && strcmp(what, "created") == 0)
		juju_bags_enter(model, unit, relation);
	if (what && *other)
		json_drop(json_object(json_object(unit, "read"), relation), other);
}

/* One that a test sent changes nothing of what the unit was told. */
void juju_relations_done(cJSON *unit, const char *hook)
{
	const cJSON *op = json_get(unit, "op");
	const char *other = json_text(op, "remote", "");
	double version = (double)json_number(op, "version", -1);
	CLEANUP(cleanup_free) char *relation = NULL;
	const char *what = taken_apart(hook, &relation);

	if (!what)
		return;
	if (strcmp(what, "created") == 0)
		json_put_bool(json_object(unit, "relations"), relation, true);
	else if (strcmp(what, "departed") == 0)
		json_drop(json_object(json_object(unit, "members"), relation), other);
	else if (version < 0)
		return;
	else if (!*other)
		json_put_number(json_object(unit, "app-told"), relation, version);
	else
		json_put_number(json_object(json_object(unit, "members"), relation), other,
			strcmp(what, "joined") == 0 ? 0 : version);
}
