/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The marker: a file in the snap's common data that says which unit installed the snap. snapd keeps
 * it over refreshes and reverts and deletes it with the snap. It names its own inode and the time of
 * its birth, so that a copy, which `snap restore` brings back, is not taken for it.
 */
#ifndef WORKLOAD_MARKER_H
#define WORKLOAD_MARKER_H

#include "base/error.h"

enum {
	MARKER_TAG_SIZE = 128, /* of the tag of a unit, with its NUL */
};

/*
 * The tag in the marker below DATA, the folder of all snaps' data; "" when there is none that proves
 * anything. Whatever else may be there instead is neither followed nor waited for. -1 when that
 * cannot be told (ERROR_SYSTEM).
 */
int marker_read(const char *data, char ret[MARKER_TAG_SIZE], struct error *err);

/*
 * Writes a marker with TAG in place of any other; it is on disk when 0 is returned. The snap's common
 * data must be there. After -1 there may be one or not.
 */
int marker_write(const char *data, const char *tag, struct error *err);

#endif
