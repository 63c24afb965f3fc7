/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_time.h"

#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "tests/sandbox/clock.h"

static struct sandbox_clock *shared; /* open as long as the process runs */

int juju_time_use(const char *file, struct error *err)
{
	if (!file || !*file || shared)
		return 0;
	shared = sandbox_clock_open(file, err);
	return shared ? 0 : -1;
}

long long juju_time_now(void)
{
	struct timespec now;

	if (shared)
		return sandbox_clock_now(shared) / 1000000;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void juju_time_pass(long long ms)
{
	if (shared)
		sandbox_clock_advance(shared, ms * 1000000);
}

void juju_time_reboot(void)
{
	if (shared)
		sandbox_clock_reboot(shared);
}

void juju_time_text(char ret[40], long long ms, enum juju_time_form form)
{
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec" };
	time_t seconds = (time_t)(ms / 1000);
	struct tm parts;
	char date[24] = "";

	(void)gmtime_r(&seconds, &parts);
	if (form == JUJU_TIME_DATE)
		(void)snprintf(date, sizeof date, "%04d-%02d-%02d ", parts.tm_year + 1900,
			parts.tm_mon + 1, parts.tm_mday);
	if (form == JUJU_TIME_SINCE)
		(void)snprintf(date, sizeof date, "%02d %s %04d ", parts.tm_mday,
			months[parts.tm_mon], parts.tm_year + 1900);
	(void)snprintf(ret, 40, "%s%02d:%02d:%02d%s", date, parts.tm_hour, parts.tm_min,
		parts.tm_sec, form == JUJU_TIME_CLOCK ? "" : "Z");
}
