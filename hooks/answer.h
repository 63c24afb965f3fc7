/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the workload answers: one part of a look.
 */
#ifndef HOOKS_ANSWER_H
#define HOOKS_ANSWER_H

#include <stdbool.h>

#include "hooks/look.h"

/*
 * Asks the workload, if by what LOOK shows it is to answer, and writes down what came of it. STARTED:
 * a change of ours has just started it, so that it gets time to come up.
 */
void answer_look(const struct run *run, struct look *look, bool started);

#endif
