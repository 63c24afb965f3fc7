/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For use within snapd/ only: the channels that the Snap Store has something in, as people are shown
 * them.
 */
#ifndef SNAPD_RELEASE_H
#define SNAPD_RELEASE_H

#include <stdbool.h>

#include "base/channel.h"

/*
 * Writes CHANNEL in full to RET. False if the option would not take it: people see the list and
 * choose from it. RET is then untouched.
 */
bool snapd_release_channel(const char *channel, char ret[CHANNEL_SIZE]);

/*
 * For qsort(), of items that begin with a channel in full: by track, latest first; each track from
 * stable to edge, branches after their risk.
 */
int snapd_release_order(const void *left, const void *right);

#endif
