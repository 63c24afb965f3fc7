/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The marker of ownership: a file in the snap's common data, which snapd deletes with the snap.
 * workload/marker.h has the file itself; this is what follows from it.
 */
#ifndef FSM_MARKER_H
#define FSM_MARKER_H

#include "fsm/op.h"

/* clang-format off */
/* What the marker says. A marker that was never written proves nothing: see the record's `marked`. */
/*           name    the snap is  what is there */
#define FSM_MARKERS(ON) \
	ON(UNREAD, AS_BEFORE, "it cannot be read") \
	ON(NONE,   NOBODY,    "there is none, or one that proves nothing") \
	ON(OURS,   US,        "a unit of this charm wrote it")

#define FSM_MARKER_(name, owner, meaning) FSM_MARKER_##name,
/* clang-format on */

enum fsm_marker {
	FSM_MARKERS(FSM_MARKER_) FSM_MARKER_COUNT
};

#endif
