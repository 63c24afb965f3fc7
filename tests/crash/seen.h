/* SPDX-License-Identifier: Apache-2.0 */
/* A set of numbers, shared by all processes that are forked after it was made. */
#ifndef TESTS_CRASH_SEEN_H
#define TESTS_CRASH_SEEN_H

#include <stdbool.h>

struct seen;

/* An empty set, to be freed; ends the process when there is no memory. */
struct seen *seen_new(void);
void seen_free(struct seen *seen);

/* Adds NUMBER; whether any process added it before. A full set, of 65,536, says no. */
bool seen_before(struct seen *seen, unsigned long long number);

#endif
