/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For use within inspect/ only: JSON that shows texts as they are shown everywhere. Out of memory ends
 * the program.
 */
#ifndef INSPECT_JSON_H
#define INSPECT_JSON_H

#include <cjson/cJSON.h>
#include <stdint.h>

void inspect_json_done(cJSON **json); /* for CLEANUP */

/* Adds KEY to OBJECT. JSON is UTF-8: other bytes of TEXT are shown as escapes. */
void inspect_json_text(cJSON *object, const char *key, const char *text);
void inspect_json_number(cJSON *object, const char *key, int64_t number);

/* JSON without blanks, to be freed. */
char *inspect_json_compact(const cJSON *json);

#endif
