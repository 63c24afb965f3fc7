/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comes before Juju's status-set in a hook's PATH. It looks at snapd and at the unit's database
 * just before Juju gets the status, then calls the real tool. It checks two promises at every
 * status:
 *
 *	the database already holds what Juju is told;
 *	Juju is told "active" only while snapd shows the snap at work, on that channel, and nothing
 *	in progress.
 *
 * Each status is a line in the file that WITNESS names; a line with a "!" is a broken promise. A
 * status that Juju did not accept, because its hook was dead by then, does not count.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/crash/ctl.h"
#include "tests/crash/told.h"

/* Calls the next status-set in PATH: status-set [--] STATUS MESSAGE. */
static int tell(char **argv)
{
	char *path = getenv("PATH"), *rest = path ? strchr(path, ':') : NULL;
	int status;
	pid_t pid;

	if (!rest || setenv("PATH", alloc_text(rest + 1), 1) < 0)
		return 99;
	pid = fork();
	if (pid == 0) {
		argv[0] = alloc_text("status-set");
		(void)execvp(argv[0], argv);
		_exit(99);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 99;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const char *judge(const char *status, const char *message)
{
	const char *charm = getenv("JUJU_CHARM_DIR"), *snapd = getenv("MICROSAMPLE_SNAPD_SOCKET");
	CLEANUP(cleanup_free) char *control = alloc_textf("%s.ctl", snapd ? snapd : "");
	struct fsm_record record;
	struct ctl_snap snap;

	if (told_load(charm ? charm : ".", NULL, &record) < 0)
		return "the database cannot be read";
	if (!told_by(&record, status, message))
		return "the database does not say so";
	if (strcmp(status, "active") == 0 &&
		(ctl_look(control, &snap) < 0 || !ctl_fit(&snap, &record.target)))
		return "snapd shows otherwise";
	return NULL;
}

int main(int argc, char **argv)
{
	const char *log = getenv("WITNESS");
	const char *message = argc > 1 ? argv[argc - 1] : "";
	const char *status = argc > 2 ? argv[argc - 2] : "";
	const char *trouble = judge(status, message);
	int code = tell(argv);
	char line[512];

	CLEANUP(cleanup_close)
	int fd = log ? open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;

	(void)snprintf(line, sizeof line, "%s%s: %s%s%s\n", trouble && code == 0 ? "! " : "",
		status, message, trouble ? " -- " : "", trouble ? trouble : "");
	if (fd >= 0 && write(fd, line, strlen(line)) < 0)
		return 99;
	return code;
}
