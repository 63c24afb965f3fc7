/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels of the Snap Store, as snapd reads them (snap/channel/channel.go), narrowed to what an
 * operator may write in the option: [track/]risk[/branch] with an explicit risk.
 */
#ifndef BASE_CHANNEL_H
#define BASE_CHANNEL_H

#include <stddef.h>

#include "base/error.h"

enum {
	CHANNEL_OPTION_MAX = 128, /* bytes an option value may have */
	CHANNEL_SIZE = 136,       /* room for "latest/", the longest value, and the NUL */
	CHANNEL_RISKS = 4,
};

/* The risks, from the one that changes least to the one that changes most. */
extern const char *const channel_risks[CHANNEL_RISKS];

/*
 * Reads VALUE (SIZE bytes; NUL bytes among them are an error like any other) and writes the channel
 * in full, track/risk[/branch], to RET of CHANNEL_SIZE bytes: `edge` gives `latest/edge`,
 * `edge/fix` gives `latest/edge/fix`. Nothing is trimmed, case counts. Parts are
 * [A-Za-z0-9][A-Za-z0-9._-]*. A word alone that is no risk is an error here, though snapd would
 * take it for a track: nobody who writes `foo` means foo/stable. With two parts a risk in front
 * makes the second a branch, as in snapd. Fails with ERROR_FORMAT and words that follow the value's
 * name ("has an empty part"); RET then stays as it is.
 */
int channel_parse(const char *value, size_t size, char *ret, struct error *err);

/*
 * The full form of a channel that snapd shows (tracking-channel, channel), which is leniently
 * read: a lone track or a lone risk is completed, nothing is refused but what does not fit into
 * RET (CHANNEL_SIZE bytes): that gives "". "" stays "".
 */
void channel_full(const char *channel, char *ret);

/* The channel as people write it: without `latest/`. Points into CHANNEL. */
const char *channel_short(const char *channel);

#endif
