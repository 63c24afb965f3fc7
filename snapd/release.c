/* SPDX-License-Identifier: Apache-2.0 */
#include "snapd/release.h"

#include <string.h>

static int compare_tracks(const char *left, const char *right)
{
	size_t left_size = strcspn(left, "/"), right_size = strcspn(right, "/");
	bool left_other = strncmp(left, "latest/", 7) != 0;
	bool right_other = strncmp(right, "latest/", 7) != 0;
	int ret;

	if (left_other != right_other)
		return left_other - right_other;
	ret = memcmp(left, right, left_size < right_size ? left_size : right_size);
	return ret ? ret : (left_size > right_size) - (left_size < right_size);
}

static int risk_of(const char *channel)
{
	const char *risk = channel + strcspn(channel, "/") + 1;
	int ret = 0;

	while (ret < CHANNEL_RISKS &&
		strncmp(risk, channel_risks[ret], strlen(channel_risks[ret])) != 0)
		ret++;
	return ret;
}

int snapd_release_order(const void *left, const void *right)
{
	int tracks = compare_tracks(left, right);
	int risks = risk_of(left) - risk_of(right);

	if (tracks)
		return tracks;
	return risks ? risks : strcmp(left, right);
}

bool snapd_release_channel(const char *channel, char ret[CHANNEL_SIZE])
{
	char full[CHANNEL_SIZE];

	channel_full(channel, full);
	return channel_parse(channel_short(full), strlen(channel_short(full)), ret, NULL) == 0;
}
