/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares an answer with the recorded one: it must have the same keys, the same values and lists
 * in the same order. A placeholder (see build-aux/reduce-recordings.py) matches anything of its
 * kind.
 */
#ifndef TESTS_RECORDINGS_MATCH_H
#define TESTS_RECORDINGS_MATCH_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/buf.h"

/* Adds a line to WHY for each difference ("/result/status: Done, not Doing"), as far as it fits. */
bool match_json(const cJSON *recorded, const cJSON *seen, struct buf *why);

/* The same for one text. */
bool match_text(const char *recorded, const char *seen);

#endif
