/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hook tools of peer relations. What the agent has read of another unit's bag it keeps until a hook
 * about that unit runs; of the application's bag, until the hook ends.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_bags.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_tools.h"

static bool has_peer(const struct juju_call *call, const char *name, size_t length)
{
	const cJSON *peer;

	cJSON_ArrayForEach(peer, json_get(json_get(call->app, "charm"), "peers"))
	{
		const char *known = cJSON_GetStringValue(peer);

		if (strlen(known) == length && strncmp(known, name, length) == 0)
			return true;
	}
	return false;
}

/* A unit has entered once its `created` hook began. */
static bool entered(const struct juju_call *call, const char *relation)
{
	return juju_bags_data(call->app, relation, call->unit_name) != NULL;
}

/* The name of the relation the call is about: -r, or that of the hook; to be freed. 0 or an exit code. */
static int find_relation(char **ret, struct juju_call *call)
{
	const char *id = juju_flag(&call->flags, "relation");
	const cJSON *own = json_get(call->context, "relation");
	size_t length;

	id = id ? id : json_text(own, "id", NULL);
	if (!id)
		return juju_tool_fail(call, 2, "no relation id specified");
	length = strcspn(id, ":");
	if (!id[length] || !id[length + 1] ||
		strspn(id + length + 1, "0123456789") != strlen(id + length + 1))
		return juju_tool_fail(
			call, 2, "invalid value \"%s\" for option -r: invalid relation id", id);
	*ret = alloc_textf("%.*s", (int)length, id);
	if (strcmp(id + length, ":1") == 0 && has_peer(call, id, length) && entered(call, *ret))
		return 0;
	return juju_tool_fail(
		call, 2, "invalid value \"%s\" for option -r: relation not found", id);
}

int juju_tool_relation_ids(struct juju_call *call)
{
	const char *endpoint =
		call->flags.nargs ? call->flags.args[0]
				  : json_text(json_get(call->context, "relation"), "name", NULL);
	CLEANUP(json_done) cJSON *ids = cJSON_CreateArray();
	CLEANUP(cleanup_free) char *id = NULL;

	if (!endpoint)
		return juju_tool_fail(call, 2, "no endpoint name specified");
	id = alloc_textf("%s:1", endpoint);
	if (has_peer(call, endpoint, strlen(endpoint)) && entered(call, endpoint))
		json_push_text(ids, id);
	return juju_tool_print(call, ids, "smart");
}

/* The other units the agent was told of: also one that is gone, if the version of Juju never says so. */
int juju_tool_relation_list(struct juju_call *call)
{
	CLEANUP(json_done) cJSON *names = cJSON_CreateArray();
	CLEANUP(json_done) cJSON *members = NULL;
	CLEANUP(json_done) cJSON *sorted = NULL;
	CLEANUP(cleanup_free) char *relation = NULL;
	const cJSON *own = json_get(call->context, "relation");
	const char *remote = json_text(own, "unit", "");
	int code = find_relation(&relation, call);
	const cJSON *member;

	if (code)
		return code;
	if (juju_flag(&call->flags, "app")) {
		CLEANUP(json_done)
		cJSON *app = cJSON_CreateString(json_text(call->app, "name", ""));

		return juju_tool_print(call, app, "smart");
	}
	member = json_get(json_get(call->unit, "members"), relation);
	members = member ? cJSON_Duplicate(member, true) : cJSON_CreateObject();
	if (json_has(own, "departing"))
		json_drop(members, remote);
	else if (*remote)
		json_put_bool(members, remote, true);
	sorted = json_sorted(members);
	cJSON_ArrayForEach(member, sorted) json_push_text(names, member->string);
	return juju_tool_print(call, names, "smart");
}

/* A copy of the bag of NAME is kept in KEPT. */
static const cJSON *read_once(
	struct juju_call *call, cJSON *kept, const char *relation, const char *name)
{
	const cJSON *bag = juju_bags_data(call->app, relation, name);

	kept = json_object(json_object(kept, "read"), relation);
	if (!json_has(kept, name) && bag) {
		json_put(kept, name, cJSON_Duplicate(bag, true));
		call->changed = true;
	}
	return json_get(kept, name);
}

static bool is_member(const struct juju_call *call, const char *relation, const char *name)
{
	return json_get(json_get(json_get(call->unit, "members"), relation), name) != NULL;
}

/* Whose bag it is: RET_APP for the application's. 0 or an exit code. */
static int find_owner(const char **ret, bool *ret_app, struct juju_call *call)
{
	const char *app = json_text(call->app, "name", "");
	const char *given = call->flags.nargs > 1 ? call->flags.args[1] : NULL;
	const cJSON *own = json_get(call->context, "relation");
	const char *remote = json_text(own, "unit", "");
	size_t length = strlen(app);

	*ret_app = juju_flag(&call->flags, "app") != NULL;
	if (given && *ret_app && strncmp(given, app, length) == 0 &&
		(given[length] == '/' || !given[length]))
		given = app;
	else if (!given && !own)
		return juju_tool_fail(call, 2, "no unit or application specified");
	else if (!given && (*ret_app || !*remote))
		*ret_app = (given = app) != NULL;
	*ret = given ? given : remote;
	return 0;
}

/* A unit that is no leader may read what the application's bag holds, too: this is a peer relation. */
int juju_tool_relation_get(struct juju_call *call)
{
	const char *key = call->flags.nargs ? call->flags.args[0] : "-";
	CLEANUP(cleanup_free) char *relation = NULL;
	int code = juju_tool_extra(call, 2);
	const char *owner = NULL;
	CLEANUP(json_done) cJSON *none = cJSON_CreateObject();
	const cJSON *bag;
	bool app = false;

	code = code ? code : find_relation(&relation, call);
	code = code ? code : find_owner(&owner, &app, call);
	if (code)
		return code;
	if (strcmp(owner, call->unit_name) == 0 || (app && juju_tool_leader(call)))
		bag = juju_bags_pending(&call->model, call->unit, relation, owner);
	else
		bag = read_once(call, is_member(call, relation, owner) ? call->unit : call->context,
			relation, owner);
	if (!bag && !app)
		return juju_tool_fail(call, 1,
			"cannot read settings for unit \"%s\" in relation \"%s\": unit \"%s\": "
			"settings not found",
			owner, relation, owner);
	bag = bag ? bag : none; /* the application wrote nothing yet */
	return juju_tool_print(
		call, !*key || strcmp(key, "-") == 0 ? bag : json_get(bag, key), "smart");
}

int juju_tool_relation_set(struct juju_call *call)
{
	bool app = juju_flag(&call->flags, "app") != NULL;
	CLEANUP(cleanup_free) char *relation = NULL;
	int code = find_relation(&relation, call);
	cJSON *bag;

	for (int at = 0; at < call->flags.nargs && !code; at++)
		if (!strchr(call->flags.args[at], '='))
			code = juju_tool_fail(call, 2, "expected \"key=value\", got \"%s\"",
				call->flags.args[at]);
	if (code)
		return code;
	if (app && !juju_tool_leader(call))
		return juju_tool_fail(call, 1, "cannot write relation settings");
	bag = juju_bags_pending(&call->model, call->unit, relation,
		app ? json_text(call->app, "name", "") : call->unit_name);
	for (int at = 0; at < call->flags.nargs; at++) {
		const char *text = call->flags.args[at];
		const char *value = strchr(text, '=') + 1;
		CLEANUP(cleanup_free)
		char *key = alloc_textf("%.*s", (int)(value - text) - 1, text);

		if (*value)
			json_put_text(bag, key, value);
		else
			json_drop(bag, key);
	}
	call->changed = true;
	return 0;
}
