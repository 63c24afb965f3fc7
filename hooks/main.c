/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hooks/dispatch.h"
#include "hooks/wait.h"
#include "inspect/inspect.h"
#include "snapd/snapd.h"

/*
 * What was closed would be taken by the next file that is opened, the lock or the log of the
 * database, and then be printed into. Read only: printing fails, as it did before.
 */
static void fill_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

static int show_state(int argc, char **argv)
{
	const struct inspect_library libraries[] = {
		{ "libcurl", snapd_library() },
		{ "cJSON", snapd_json_library() },
		{ NULL, NULL },
	};

	return state_command(argc, argv, libraries);
}

int main(int argc, char **argv)
{
	fill_standard();
	/* A reader that went away is an error of write(), not our end. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* and so is a limit on the size of files */
	/* Ignored by whoever started us, the end of a hook tool could not be waited for. */
	(void)signal(SIGCHLD, SIG_DFL);
	if (argc > 1 && strcmp(argv[1], "state") == 0)
		return show_state(argc - 1, argv + 1);
	if (argc == 2 && strcmp(argv[1], "wait") == 0)
		return wait_run();
	if (argc > 1) {
		(void)fprintf(stderr,
			"usage: dispatch            for the hook in JUJU_DISPATCH_PATH\n"
			"       dispatch state ...  see: dispatch state --help\n"
			"       dispatch wait       as a service, which a hook starts\n");
		return 2;
	}
	return dispatch();
}
