/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that were met, over all processes that are forked after the set was made. */
#ifndef TESTS_CRASH_SEEN_H
#define TESTS_CRASH_SEEN_H

#include <stdbool.h>

struct seen;

/* An empty set, to be freed; ends the process when there is no memory. */
struct seen *seen_new(void);
void seen_free(struct seen *seen);

/* Whether NUMBER was asked for before, by any process. A full set, of 65,536, says no. */
bool seen_before(struct seen *seen, unsigned long long number);

#endif
