/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether an answer is the recorded one: the same keys, the same values, lists in the same order,
 * and for a placeholder (see build-aux/reduce-recordings.py) anything of its kind.
 */
#ifndef TESTS_RECORDINGS_MATCH_H
#define TESTS_RECORDINGS_MATCH_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/buf.h"

/* Every difference becomes a line of WHY ("/result/status: Done, not Doing"), as far as it has room. */
bool match_json(const cJSON *recorded, const cJSON *seen, struct buf *why);

/* The same for one text. */
bool match_text(const char *recorded, const char *seen);

#endif
