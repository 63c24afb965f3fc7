/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Short functions to read and write cJSON objects in the stand-in Juju, and the three ways in which
 * Juju prints values. Reading never fails: a value that is missing or of another type gives the
 * fallback. Writing replaces the old value.
 */
#ifndef SANDBOX_JUJU_JSON_H
#define SANDBOX_JUJU_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/buf.h"

void json_done(cJSON **json); /* for CLEANUP() */

cJSON *json_get(const cJSON *object, const char *key);
const char *json_text(const cJSON *object, const char *key, const char *fallback);
long long json_number(const cJSON *object, const char *key, long long fallback);
bool json_true(const cJSON *object, const char *key);
/* Present and not null. */
bool json_has(const cJSON *object, const char *key);

/* The object or array under KEY, made when it is not there. Borrowed. */
cJSON *json_object(cJSON *object, const char *key);
cJSON *json_array(cJSON *object, const char *key);

/* Takes ownership of VALUE; NULL stores null. */
void json_put(cJSON *object, const char *key, cJSON *value);
void json_put_text(cJSON *object, const char *key, const char *value);
void json_put_number(cJSON *object, const char *key, double value);
void json_put_bool(cJSON *object, const char *key, bool value);
void json_drop(cJSON *object, const char *key);
void json_push_text(cJSON *array, const char *value);

/* A separate, sorted copy, because Go prints maps by key. */
cJSON *json_sorted(const cJSON *value);

/*
 * As Go's json.Marshal: no spaces, sorted keys, <, > and & as \u003c, \u003e, \u0026. No newline.
 */
void json_print_go(struct buf *ret, const cJSON *value);

/* As yaml.v2 prints it, with the final newline; nested maps are indented by DEPTH levels of two. */
void json_print_yaml(struct buf *ret, const cJSON *value, int depth);

/*
 * --format smart: a string raw, True or False, lists by line, nothing at all for null and "",
 * numbers and maps as YAML; the newline after it included.
 */
void json_print_smart(struct buf *ret, const cJSON *value);

#endif
