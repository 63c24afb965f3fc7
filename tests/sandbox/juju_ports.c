/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static int bad(const char *text, struct error *err)
{
	return error_set(err, ERROR_FORMAT,
		"invalid port \"%s\"; expected <port>[/<protocol>], "
		"<from>-<to>[/<protocol>] or icmp",
		text);
}

static int read_port(int *ret, const char *text, size_t len)
{
	char digits[8];
	long long number;

	if (len == 0 || len >= sizeof digits)
		return -1;
	memcpy(digits, text, len);
	digits[len] = '\0';
	number = text_number(digits);
	if (number < 1 || number > 65535)
		return -1;
	*ret = (int)number;
	return 0;
}

int juju_range_read(struct juju_range *ret, const char *text, struct error *err)
{
	struct juju_range range = { .from = -1, .to = -1, .protocol = "tcp" };
	size_t len = strcspn(text, "/");
	size_t first = strcspn(text, "-/");

	if (text[len] && strcmp(text + len, "/tcp") != 0 && strcmp(text + len, "/udp") != 0)
		return error_set(err, ERROR_FORMAT,
			"protocol must be \"tcp\", \"udp\", or \"icmp\"; got \"%s\"",
			text + len + 1);
	if (text[len])
		(void)snprintf(range.protocol, sizeof range.protocol, "%s", text + len + 1);
	if (strcmp(text, "icmp") == 0)
		(void)snprintf(range.protocol, sizeof range.protocol, "icmp");
	else if (read_port(&range.from, text, first) ||
		 read_port(&range.to, first < len ? text + first + 1 : text,
			 first < len ? len - first - 1 : len))
		return bad(text, err);
	if (range.to < range.from)
		return error_set(err, ERROR_FORMAT,
			"invalid port range %d-%d/%s; expected "
			"fromPort <= toPort",
			range.from, range.to, range.protocol);
	*ret = range;
	return 0;
}

void juju_range_text(char *ret, unsigned long size, const struct juju_range *range)
{
	if (range->from < 0)
		(void)snprintf(ret, size, "icmp");
	else if (range->from == range->to)
		(void)snprintf(ret, size, "%d/%s", range->from, range->protocol);
	else
		(void)snprintf(ret, size, "%d-%d/%s", range->from, range->to, range->protocol);
}

static struct juju_range from_json(const cJSON *item)
{
	struct juju_range range = { .from = (int)json_number(item, "from", -1),
		.to = (int)json_number(item, "to", -1) };

	(void)snprintf(
		range.protocol, sizeof range.protocol, "%s", json_text(item, "protocol", "tcp"));
	return range;
}

static bool same(const struct juju_range *one, const struct juju_range *two)
{
	return one->from == two->from && one->to == two->to &&
	       strcmp(one->protocol, two->protocol) == 0;
}

static bool overlap(const struct juju_range *one, const struct juju_range *two)
{
	return strcmp(one->protocol, two->protocol) == 0 && one->from <= two->to &&
	       two->from <= one->to;
}

static bool before(const struct juju_range *one, const struct juju_range *two)
{
	int protocol = strcmp(one->protocol, two->protocol);

	return protocol < 0 || (protocol == 0 && one->from < two->from);
}

/* cJSON_InsertItemInArray of 1.7.15 refuses all places but the first and the last. */
static void insert(cJSON *array, int at, cJSON *item)
{
	cJSON *rest = cJSON_CreateArray();
	cJSON *moved;

	while ((moved = cJSON_DetachItemFromArray(array, at)))
		cJSON_AddItemToArray(rest, moved);
	cJSON_AddItemToArray(array, item);
	while ((moved = cJSON_DetachItemFromArray(rest, 0)))
		cJSON_AddItemToArray(array, moved);
	cJSON_Delete(rest);
}

/* Adds or removes one range, keeping the array in order. */
static void apply(cJSON *ports, const cJSON *op)
{
	struct juju_range range = from_json(op);
	bool opening = strcmp(json_text(op, "op", "open"), "open") == 0;
	int at = 0;
	const cJSON *item;
	cJSON *entry;

	cJSON_ArrayForEach(item, ports)
	{
		struct juju_range other = from_json(item);

		if (same(&other, &range)) {
			if (!opening)
				cJSON_DeleteItemFromArray(ports, at);
			return;
		}
		if (before(&range, &other))
			break;
		at++;
	}
	if (!opening)
		return;
	entry = cJSON_CreateObject();
	json_put_number(entry, "from", range.from);
	json_put_number(entry, "to", range.to);
	json_put_text(entry, "protocol", range.protocol);
	insert(ports, at, entry);
}

static cJSON *after(const cJSON *unit, const cJSON *ops)
{
	const cJSON *held = json_get(unit, "ports");
	cJSON *ports = held ? cJSON_Duplicate(held, true) : cJSON_CreateArray();
	const cJSON *op;

	cJSON_ArrayForEach(op, ops) apply(ports, op);
	return ports;
}

cJSON *juju_ports_after(const cJSON *unit, const cJSON *ops)
{
	cJSON *ports = after(unit, ops);
	cJSON *list = cJSON_CreateArray();
	const cJSON *item;
	char text[32];

	cJSON_ArrayForEach(item, ports)
	{
		struct juju_range range = from_json(item);

		juju_range_text(text, sizeof text, &range);
		json_push_text(list, text);
	}
	cJSON_Delete(ports);
	return list;
}

cJSON *juju_ports_list(const cJSON *unit)
{
	return juju_ports_after(unit, NULL);
}

void juju_ports_commit(cJSON *unit, const cJSON *ops)
{
	json_put(unit, "ports", after(unit, ops));
}

static bool clash_with(struct buf *ret, const cJSON *ports, const char *owner, const char *unit,
	const struct juju_range *range, bool own)
{
	const cJSON *item;
	char wanted[32], held[32];

	cJSON_ArrayForEach(item, ports)
	{
		struct juju_range other = from_json(item);

		if (!overlap(&other, range) || (own && same(&other, range)))
			continue;
		juju_range_text(wanted, sizeof wanted, range);
		juju_range_text(held, sizeof held, &other);
		(void)buf_addf(ret,
			"cannot open %s (unit \"%s\"): port range conflicts with %s (unit \"%s\")",
			wanted, unit, held, owner);
		return true;
	}
	return false;
}

bool juju_ports_clash(struct buf *ret, const struct juju_model *model, const cJSON *unit,
	const cJSON *ops, const struct juju_range *range)
{
	const char *name = json_text(unit, "name", "");
	cJSON *own = after(unit, ops);
	const cJSON *other;
	bool clash = clash_with(ret, own, name, name, range, true);

	cJSON_Delete(own);
	cJSON_ArrayForEach(other, json_get(model->root, "units"))
	{
		if (!clash && other != unit &&
			strcmp(juju_model_machine(other), juju_model_machine(unit)) == 0)
			clash = clash_with(
				ret, json_get(other, "ports"), other->string, name, range, false);
	}
	return clash;
}

void juju_ports_column(struct buf *ret, const cJSON *unit)
{
	const cJSON *item = json_get(unit, "ports") ? json_get(unit, "ports")->child : NULL;
	const char *comma = "";
	char text[32];

	while (item) {
		struct juju_range range = from_json(item);
		bool single = range.from == range.to;

		for (item = item->next; item && single; item = item->next) {
			struct juju_range next = from_json(item);

			if (next.from != next.to || next.from != range.to + 1 || range.from < 0 ||
				strcmp(next.protocol, range.protocol) != 0)
				break;
			range.to = next.to;
		}
		juju_range_text(text, sizeof text, &range);
		(void)buf_addf(ret, "%s%s", comma, text);
		comma = ",";
	}
}
