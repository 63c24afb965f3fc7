/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_archive.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int juju_beside(char *ret, size_t size, const char *suffix, struct error *err)
{
	ssize_t len = readlink("/proc/self/exe", ret, size - strlen(suffix) - 1);

	if (len < 0)
		return error_system(err, errno, "cannot find this program");
	(void)strcpy(ret + len, suffix);
	return 0;
}

int juju_archive_unpack(const char *path, const char *to, struct error *err)
{
	char program[PATH_MAX];
	char *argv[] = { program, strdupa(path), strdupa(to), NULL };
	int status = -1;
	pid_t pid;

	if (juju_beside(program, sizeof program, "-unpack", err))
		return -1;
	if (posix_spawn(&pid, program, NULL, NULL, argv, environ) ||
		waitpid(pid, &status, 0) != pid || status)
		return error_set(err, ERROR_FORMAT, "cannot unpack %s", path);
	return 0;
}
