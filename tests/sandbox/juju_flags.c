/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_flags.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "tests/sandbox/juju_json.h"

struct parse {
	struct juju_flags *flags;
	const struct juju_flag *table;
	char **next; /* what is not looked at yet */
	struct error *err;
};

static const struct juju_flag *find(const struct juju_flag *table, const char *name)
{
	for (; table && table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static const char *dashes(const char *name)
{
	return name[0] && !name[1] ? "-" : "--";
}

static int unknown(struct parse *parse, const char *name)
{
	if (strcmp(name, "help") != 0 && strcmp(name, "h") != 0)
		return error_set(parse->err, ERROR_FORMAT, "flag provided but not defined: %s%s",
			dashes(name), name);
	json_push_text(json_array(parse->flags->values, "help"), "true");
	return 0;
}

/* As Go's strconv.ParseBool; -1 for what it does not take. */
static int parse_bool(const char *text)
{
	static const char *const words[][2] = { { "0", "1" }, { "f", "t" }, { "F", "T" },
		{ "FALSE", "TRUE" }, { "false", "true" }, { "False", "True" } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		for (int yes = 0; yes < 2; yes++)
			if (strcmp(text, words[i][yes]) == 0)
				return yes;
	return -1;
}

/* A boolean: one that is false is as if it had not been given. */
static int store_bool(struct parse *parse, const struct juju_flag *flag, const char *value)
{
	int yes = parse_bool(value);

	if (yes < 0)
		return error_set(parse->err, ERROR_FORMAT,
			"invalid value \"%s\" for flag %s%s: strconv.ParseBool: parsing \"%s\": "
			"invalid syntax",
			value, dashes(flag->name), flag->name, value);
	if (yes)
		json_push_text(json_array(parse->flags->values, flag->key), "true");
	else
		cJSON_DeleteItemFromObject(parse->flags->values, flag->key);
	return 0;
}

static int store(struct parse *parse, const struct juju_flag *flag, const char *value)
{
	if (!flag->value)
		return store_bool(parse, flag, value ? value : "true");
	if (!value && !*parse->next)
		return error_set(parse->err, ERROR_FORMAT, "flag needs an argument: %s%s",
			dashes(flag->name), flag->name);
	if (!value)
		value = *parse->next++;
	json_push_text(json_array(parse->flags->values, flag->key), value);
	return 0;
}

static int long_flag(struct parse *parse, const char *text)
{
	const char *equals = strchr(text, '=');
	CLEANUP(cleanup_free) char *name = alloc_text(text);
	const struct juju_flag *flag;

	if (equals)
		name[equals - text] = '\0';
	if (!*name || *name == '-' || *text == '=')
		return error_set(parse->err, ERROR_FORMAT, "bad flag syntax: --%s", text);
	flag = find(parse->table, name);
	return flag ? store(parse, flag, equals ? equals + 1 : NULL) : unknown(parse, name);
}

static int short_flags(struct parse *parse, const char *text)
{
	for (; *text; text++) {
		char name[2] = { *text, '\0' };
		const struct juju_flag *flag = find(parse->table, name);

		if (!flag && unknown(parse, name))
			return -1;
		if (!flag)
			continue;
		if (flag->value)
			return store(parse, flag, text[1] ? text + 1 + (text[1] == '=') : NULL);
		if (store(parse, flag, NULL))
			return -1;
	}
	return 0;
}

int juju_flags_parse(struct juju_flags *ret, const struct juju_flag *table, bool interspersed,
	char **argv, struct error *err)
{
	struct parse parse = { .flags = ret, .table = table, .next = argv, .err = err };
	bool flags = true;
	int count = 0;

	while (argv[count])
		count++;
	*ret = (struct juju_flags){ .values = cJSON_CreateObject() };
	ret->args = alloc_new((size_t)count + 1, sizeof *ret->args);
	while (*parse.next) {
		char *text = *parse.next++;

		if (flags && strcmp(text, "--") == 0) {
			flags = false;
		} else if (flags && text[0] == '-' && text[1] == '-') {
			if (long_flag(&parse, text + 2))
				return -1;
		} else if (flags && text[0] == '-' && text[1]) {
			if (short_flags(&parse, text + 1))
				return -1;
		} else {
			ret->args[ret->nargs++] = text;
			flags = flags && interspersed;
		}
	}
	return 0;
}

void juju_flags_done(struct juju_flags *flags)
{
	cJSON_Delete(flags->values);
	free(flags->args);
	*flags = (struct juju_flags){ 0 };
}

const cJSON *juju_flag_all(const struct juju_flags *flags, const char *key)
{
	return json_array(flags->values, key);
}

const char *juju_flag(const struct juju_flags *flags, const char *key)
{
	const cJSON *values = json_get(flags->values, key);
	int count = cJSON_GetArraySize(values);

	return count ? cJSON_GetStringValue(cJSON_GetArrayItem(values, count - 1)) : NULL;
}

long long juju_flag_number(const struct juju_flags *flags, const char *key, long long fallback)
{
	const char *text = juju_flag(flags, key);
	long long number = text ? text_number(text) : -1;

	return number < 0 ? fallback : number;
}
