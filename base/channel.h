/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels of the Snap Store, as snapd reads them (snap/channel/channel.go). The option allows an
 * operator only some of them: [track/]risk[/branch] with an explicit risk.
 */
#ifndef BASE_CHANNEL_H
#define BASE_CHANNEL_H

#include <stddef.h>

#include "base/error.h"

enum {
	CHANNEL_OPTION_MAX = 128, /* bytes, of the option's value */
	CHANNEL_SIZE = 136,       /* room for "latest/", the longest value, and the NUL */
	CHANNEL_RISKS = 4,
};

/* The risks, from the one that changes least to the one that changes most. */
extern const char *const channel_risks[CHANNEL_RISKS];

/*
 * Reads VALUE (SIZE bytes; a NUL byte among them is an error) and writes the channel in full,
 * track/risk[/branch], to RET of CHANNEL_SIZE bytes: `edge` gives `latest/edge`, and `edge/fix`
 * gives `latest/edge/fix`. Nothing is trimmed, and case matters. Parts are
 * [A-Za-z0-9][A-Za-z0-9._-]*. A single word that is not a risk is an error here, although snapd
 * would take it for a track, because nobody who writes `foo` means foo/stable. If the first of two
 * parts is a risk, the second is a branch, as in snapd. Fails with ERROR_FORMAT and words that follow
 * the value's name ("has an empty part"); RET is then untouched.
 */
int channel_parse(const char *value, size_t size, char *ret, struct error *err);

/*
 * The full form of a channel that snapd shows (tracking-channel, channel). This completes a lone
 * track or a lone risk and refuses nothing. What does not fit into RET (CHANNEL_SIZE bytes) gives
 * "", and so does "".
 */
void channel_full(const char *channel, char *ret);

/* The channel as people write it, without `latest/`. Points into CHANNEL. */
const char *channel_short(const char *channel);

#endif
