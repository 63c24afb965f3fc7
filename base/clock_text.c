/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <time.h>

#include "base/clock.h"

static const int64_t last_time = 253402300799; /* 9999-12-31T23:59:59Z */

void clock_text(int64_t seconds, char ret[static CLOCK_TEXT_SIZE])
{
	time_t when = (time_t)(seconds < last_time ? seconds : last_time);
	struct tm utc;

	ret[0] = '\0';
	if (when <= 0 || !gmtime_r(&when, &utc))
		return;
	if (!strftime(ret, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc))
		ret[0] = '\0';
}

int clock_read(const char *text, int64_t *ret)
{
	struct tm utc = { 0 };
	char again[CLOCK_TEXT_SIZE];
	int64_t seconds = 0;

	if (*text) {
		const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc);

		if (!end || *end)
			return -1;
		seconds = timegm(&utc);
	}
	clock_text(seconds, again);
	if (strcmp(again, text) != 0)
		return -1;
	*ret = seconds;
	return 0;
}
