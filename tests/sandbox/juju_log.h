/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model's log: one JSON object a line, so that a record may hold newlines.
 */
#ifndef SANDBOX_JUJU_LOG_H
#define SANDBOX_JUJU_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

/* LEVEL is TRACE, DEBUG, INFO, WARNING, ERROR or CRITICAL. The bytes of TEXT stay as they are. */
void juju_log_add(
	const char *dir, const char *unit, const char *level, const char *logger, const char *text);

/* 0 for TRACE to 5 for CRITICAL, any case; -1 for no level. */
int juju_log_level(const char *name);
const char *juju_log_level_name(int level);

/* All records, oldest first; of one UNIT, or of all with NULL. */
cJSON *juju_log_read(const char *dir, const char *unit);

/* Prints records of at least LEVEL as juju debug-log does; INCLUDE is an array of entities. */
void juju_log_print(const cJSON *records, int level, const cJSON *include);

#endif
