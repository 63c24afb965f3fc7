/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_port.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cleanup.h"

int snapd_port(const char *dir)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/workload.port", dir);
	FILE *file = fopen(path, "re");
	char line[16];
	int port = 0;

	if (file) {
		if (fgets(line, sizeof line, file))
			port = atoi(line);
		(void)fclose(file);
	}
	if (port == 0) {
		(void)fprintf(stderr, "%s: no port\n", path);
		abort();
	}
	return port;
}

char *snapd_port_setting(const char *dir)
{
	return alloc_textf("MICROSAMPLE_WORKLOAD_PORT=%d", snapd_port(dir));
}
