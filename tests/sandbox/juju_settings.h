/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of an application: those that the charm declares, and the values that the operator
 * set.
 */
#ifndef SANDBOX_JUJU_SETTINGS_H
#define SANDBOX_JUJU_SETTINGS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"

/* What a hook sees: stored values over defaults. ALL: also options that have neither, as null. */
cJSON *juju_settings_effective(const cJSON *app, bool all);

/* Stores "key=value", converted to the option's type; "key=@file" reads the value. */
int juju_settings_set(cJSON *app, const char *assignment, struct error *err);
/* Forgets what is stored for KEY. */
int juju_settings_reset(cJSON *app, const char *key, struct error *err);

/*
 * What decides whether config-changed runs: the charm and the stored settings, as text. To be
 * freed.
 */
char *juju_settings_hash(const cJSON *app);

#endif
