/* SPDX-License-Identifier: Apache-2.0 */
/* What can be seen of a world: the plan, the witness, Juju's model, snapd, the database. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/crash/told.h"
#include "tests/crash/tree.h"
#include "tests/crash/waker.h"

void world_plan(const struct world *world, const char *plan)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/plan", world->dir);

	tree_write(path, plan, strlen(plan));
}

int world_plan_left(const struct world *world)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/plan", world->dir);
	CLEANUP(cleanup_free) char *plan = tree_read(path);
	char *save = NULL;
	int count = 0;

	for (const char *word = strtok_r(plan, " \n", &save); word;
		word = strtok_r(NULL, " \n", &save))
		count += *word >= '1' && *word <= '9';
	return count;
}

char *world_plan_list(struct world *world)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/plan.log", world->dir);
	char *list = tree_read(path);

	(void)unlink(path);
	return list;
}

char *world_witness(struct world *world)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/witness", world->dir);

	return tree_read(path);
}

long long world_now(const struct world *world)
{
	return sandbox_clock_now(world->clock) / SANDBOX_CLOCK_SECOND;
}

static const cJSON *get(const cJSON *json, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(json, key);
}

static const char *text_of(const cJSON *json, const char *key)
{
	const char *text = cJSON_GetStringValue(get(json, key));

	return text ? text : "";
}

/* The model's file is replaced as a whole whenever it changes, so it can be read at any time. */
static void look_at_juju(const struct world *world, struct sight *ret)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/model/model.json", world->dir);
	CLEANUP(cleanup_free) char *text = tree_read(path);
	cJSON *model = cJSON_Parse(text);
	const cJSON *unit = get(get(model, "units"), WORLD_UNIT);
	const cJSON *status = get(unit, "status");

	ret->deployed = unit != NULL;
	ret->error = cJSON_IsObject(get(unit, "error"));
	ret->port = cJSON_GetArraySize(get(unit, "ports")) > 0;
	(void)snprintf(ret->status, sizeof ret->status, "%s", text_of(status, "status"));
	(void)snprintf(ret->message, sizeof ret->message, "%s", text_of(status, "message"));
	(void)snprintf(ret->version, sizeof ret->version, "%s", text_of(unit, "version"));
	(void)snprintf(ret->hook, sizeof ret->hook, "%s", text_of(get(unit, "op"), "hook"));
	cJSON_Delete(model);
}

void world_look(struct world *world, struct sight *ret)
{
	CLEANUP(cleanup_free) char *socket = alloc_textf("%s/s.ctl", world->dir);
	CLEANUP(cleanup_free) char *scratch = alloc_textf("%s/scratch", world->dir);
	CLEANUP(cleanup_free) char *charm = world_charm(world);
	CLEANUP(cleanup_free) char *service = waker_service(world);

	memset(ret, 0,
		sizeof *ret); /* with the padding, because two of them are compared as bytes */
	ret->readable = true;
	look_at_juju(world, ret);
	ret->waker = access(service, F_OK) == 0;
	if (ctl_look(socket, &ret->snap) < 0)
		tree_fail("snapd does not answer on %s", socket);
	if (ret->deployed && access(charm, F_OK) == 0)
		ret->readable = told_load(charm, scratch, &ret->record) == 0;
}
