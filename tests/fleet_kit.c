/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fleet_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/snapd_port.h"

const char *fleet_unit(int number)
{
	static char names[FLEET_MAX][32];

	(void)snprintf(names[number], sizeof names[number], "microsample/%d", number);
	return names[number];
}

static struct snapd_proc *snapd_of(struct fleet *fleet, int number)
{
	return number == 0 ? &fleet->charm.snapd : &fleet->more[number].snapd;
}

static void add_machine(struct fleet *fleet, int number)
{
	struct fleet_machine *machine = &fleet->more[number];
	CLEANUP(cleanup_free) char *socket = NULL;
	CLEANUP(cleanup_free) char *data = NULL;
	CLEANUP(cleanup_free) char *port = NULL;

	machine->dir = alloc_textf("%s/%d", fleet->charm.dir, number);
	machine->data = alloc_textf("%s/data", machine->dir);
	ck_assert_int_eq(mkdir(machine->dir, 0700), 0);
	memcpy(machine->options, fleet->charm.options, sizeof machine->options);
	machine->options[5] = machine->data;
	snapd_proc_start(&machine->snapd, machine->dir, machine->options);
	socket = alloc_textf("MICROSAMPLE_SNAPD_SOCKET=%s", machine->snapd.socket);
	data = alloc_textf("MICROSAMPLE_SNAP_DATA=%s", machine->data);
	port = snapd_port_setting(machine->dir);
	ck_assert_int_eq(juju_call(&fleet->charm.juju, "add-machine", "--hook-env", socket,
				 "--hook-env", data, "--hook-env", port),
		0);
}

void fleet_add(struct fleet *fleet)
{
	int number = fleet->count++;
	char machine[8];

	ck_assert_int_lt(number, FLEET_MAX);
	(void)snprintf(machine, sizeof machine, "%d", number);
	add_machine(fleet, number);
	ck_assert_int_eq(
		juju_call(&fleet->charm.juju, "add-unit", "microsample", "--to", machine), 0);
}

void fleet_open(struct fleet *fleet, int count, const char *option)
{
	memset(fleet, 0, sizeof *fleet);
	charm_open(&fleet->charm, "2.77");
	fleet->count = 1;
	ck_assert_int_eq(charm_deploy(&fleet->charm, option), 0);
	while (fleet->count < count)
		fleet_add(fleet);
	for (int number = 0; number < count; number++)
		fleet_expect(fleet, number, "active", "Ready at 'edge'");
	fleet_forget(fleet);
}

void fleet_close(struct fleet *fleet)
{
	for (int number = 1; number < fleet->count; number++) {
		snapd_proc_stop(&fleet->more[number].snapd);
		free(fleet->more[number].dir);
		free(fleet->more[number].data);
	}
	charm_close(&fleet->charm);
}

void fleet_ctl(struct fleet *fleet, int number, const char *command)
{
	cJSON_Delete(snapd_proc_ctl(snapd_of(fleet, number), "%s", command));
}

long fleet_posts(struct fleet *fleet, int number)
{
	cJSON *answer = snapd_proc_ctl(snapd_of(fleet, number), "%s", "{\"do\":\"requests\"}");
	long ret = (long)json_number(answer, "posts", -1);

	cJSON_Delete(answer);
	return ret;
}

void fleet_config(struct fleet *fleet, const char *setting)
{
	ck_assert_int_eq(juju_call(&fleet->charm.juju, "config", "microsample", setting), 0);
}

void fleet_hook(struct fleet *fleet, int number, const char *hook)
{
	ck_assert_int_eq(juju_call(&fleet->charm.juju, "hook", fleet_unit(number), hook), 0);
}

char *fleet_bag(struct fleet *fleet, int number, const char *key)
{
	cJSON *shown = juju_show(&fleet->charm.juju, fleet_unit(number < 0 ? 0 : number));
	const cJSON *bags = json_get(json_get(shown, "bags"), "fleet");
	const cJSON *bag = json_get(bags, number < 0 ? "microsample" : fleet_unit(number));
	char *ret = alloc_text(json_text(json_get(bag, "data"), key, ""));

	cJSON_Delete(shown);
	return ret;
}

int fleet_calls(struct fleet *fleet, int number, const char *hook, const char *tool)
{
	cJSON *shown = juju_show(&fleet->charm.juju, fleet_unit(number));
	const cJSON *run, *call;
	int ret = 0;

	cJSON_ArrayForEach(run, json_get(shown, "runs"))
	{
		if (*hook && strcmp(json_text(run, "name", ""), hook) != 0)
			continue;
		cJSON_ArrayForEach(call, json_get(run, "calls")) ret +=
			!*tool || strcmp(json_text(call, "tool", ""), tool) == 0;
	}
	cJSON_Delete(shown);
	return ret;
}

void fleet_forget(struct fleet *fleet)
{
	for (int number = 0; number < fleet->count; number++)
		fleet_ctl(fleet, number, "{\"do\":\"forget\"}");
	ck_assert_int_eq(juju_call(&fleet->charm.juju, "forget"), 0);
}

struct span {
	char from[64], to[64]; /* times that sort as texts; "~" is after all of them */
};

/* TIME as snapd shows it has a fraction, or none: without its Z it sorts. */
static void take_time(char *ret, size_t size, const char *time)
{
	(void)snprintf(ret, size, "%.*s", (int)strcspn(time, "Z"), time);
}

static int add_spans(struct fleet *fleet, int number, struct span *spans, int count, int most)
{
	long status = 0;
	cJSON *answer = snapd_proc_ask(
		snapd_of(fleet, number), "GET", "/v2/changes?select=all", NULL, &status);
	const cJSON *change;

	cJSON_ArrayForEach(change, json_get(answer, "result"))
	{
		if (strcmp(json_text(change, "kind", ""), "refresh-snap") != 0)
			continue;
		ck_assert_int_lt(count, most);
		take_time(
			spans[count].from, sizeof spans->from, json_text(change, "spawn-time", ""));
		take_time(
			spans[count++].to, sizeof spans->to, json_text(change, "ready-time", "~"));
	}
	cJSON_Delete(answer);
	return count;
}

int fleet_away(struct fleet *fleet)
{
	struct span spans[64];
	int count = 0, ret = 0;

	for (int number = 0; number < fleet->count; number++)
		count = add_spans(fleet, number, spans, count, 64);
	for (int i = 0; i < count; i++) {
		int away = 0;

		for (int other = 0; other < count; other++)
			away += strcmp(spans[other].from, spans[i].from) <= 0 &&
				strcmp(spans[i].from, spans[other].to) < 0;
		ret = away > ret ? away : ret;
	}
	return ret;
}

void fleet_stand(struct fleet *fleet, int number)
{
	fleet_ctl(fleet, number, "{\"do\":\"mode\",\"manual\":true}");
}

void fleet_go_on(struct fleet *fleet, int number)
{
	fleet_ctl(fleet, number, "{\"do\":\"finish\"}");
	fleet_ctl(fleet, number, "{\"do\":\"mode\",\"manual\":false}");
	fleet_hook(fleet, number, "update-status");
}
