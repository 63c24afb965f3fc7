/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Converts YAML to JSON, as far as charm metadata needs it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/cleanup.h"
#include "tests/sandbox/juju_charm.h"
#include "tests/sandbox/juju_json.h"

static void close_file(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

static cJSON *scalar(const yaml_node_t *node)
{
	static const char *const yes[] = { "true", "True", "TRUE", "yes", "Yes", "on" };
	static const char *const no[] = { "false", "False", "FALSE", "no", "No", "off" };
	const char *text = (const char *)node->data.scalar.value;
	char *end;
	double number;

	if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return cJSON_CreateString(text);
	if (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0)
		return cJSON_CreateNull();
	for (size_t at = 0; at < sizeof yes / sizeof *yes; at++)
		if (strcmp(text, yes[at]) == 0)
			return cJSON_CreateTrue();
	for (size_t at = 0; at < sizeof no / sizeof *no; at++)
		if (strcmp(text, no[at]) == 0)
			return cJSON_CreateFalse();
	number = strtod(text, &end);
	if (!*end && strchr("+-.0123456789", *text))
		return cJSON_CreateNumber(number);
	return cJSON_CreateString(text);
}

static cJSON *convert(yaml_document_t *document, int index)
{
	yaml_node_t *node = yaml_document_get_node(document, index);
	cJSON *result;

	if (!node || node->type == YAML_NO_NODE)
		return cJSON_CreateNull();
	if (node->type == YAML_SCALAR_NODE)
		return scalar(node);
	if (node->type == YAML_SEQUENCE_NODE) {
		yaml_node_item_t *item = node->data.sequence.items.start;

		result = cJSON_CreateArray();
		for (; item < node->data.sequence.items.top; item++)
			cJSON_AddItemToArray(result, convert(document, *item));
		return result;
	}
	result = cJSON_CreateObject();
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		pair < node->data.mapping.pairs.top; pair++) {
		yaml_node_t *key = yaml_document_get_node(document, pair->key);

		if (key && key->type == YAML_SCALAR_NODE)
			json_put(result, (const char *)key->data.scalar.value,
				convert(document, pair->value));
	}
	return result;
}

/* Takes PARSER with its input; NAME is what that is called. EMPTY makes what stands for nothing. */
static int load(cJSON **ret, yaml_parser_t *parser, const char *name, cJSON *(*empty)(void),
	struct error *err)
{
	yaml_document_t document;
	int loaded = yaml_parser_load(parser, &document);

	if (!loaded) {
		(void)error_set(err, ERROR_FORMAT, "%s: yaml: line %zu: %s", name,
			parser->problem_mark.line + 1, parser->problem ? parser->problem : "bad");
		yaml_parser_delete(parser);
		return -1;
	}
	*ret = yaml_document_get_root_node(&document) ? convert(&document, 1) : empty();
	yaml_document_delete(&document);
	yaml_parser_delete(parser);
	return 0;
}

int juju_yaml_read(cJSON **ret, const char *path, struct error *err)
{
	CLEANUP(close_file) FILE *file = fopen(path, "re");
	yaml_parser_t parser;

	if (!file)
		return error_system(err, errno, "cannot open %s", path);
	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_input_file(&parser, file);
	return load(ret, &parser, path, cJSON_CreateObject, err);
}

int juju_yaml_text(cJSON **ret, const char *text, struct error *err)
{
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
	return load(ret, &parser, text, cJSON_CreateNull, err);
}
