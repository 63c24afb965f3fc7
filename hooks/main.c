/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "hooks/dispatch.h"

int main(int argc, char **argv)
{
	/* A reader that went away is an error of write(), not our end. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && strcmp(argv[1], "state") == 0)
		return state_command(argc - 1, argv + 1);
	if (argc > 1) {
		(void)fprintf(stderr,
			"usage: dispatch            for the hook in JUJU_DISPATCH_PATH\n"
			"       dispatch state ...  see: dispatch state --help\n");
		return 2;
	}
	return dispatch();
}
