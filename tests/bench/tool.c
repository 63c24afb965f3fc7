/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hook tools that cost nothing, so that the charm itself is measured. This program is linked
 * statically and called under the name of a tool; it answers at once and does nothing.
 * BENCH_OPTIONS holds what `config-get` prints.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int say(int fd, const char *text)
{
	size_t size = strlen(text);

	return write(fd, text, size) == (ssize_t)size ? 0 : 1;
}

int main(int argc, char **argv)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc ? argv[0] : "";
	const char *options = getenv("BENCH_OPTIONS");

	if (strcmp(name, "config-get") == 0)
		return say(STDOUT_FILENO, options ? options : "{}\n");
	if (strcmp(name, "opened-ports") == 0)
		return say(STDOUT_FILENO, "[\"8080/tcp\"]\n");
	if (strcmp(name, "resource-get") == 0) /* the application has none */
		return say(STDERR_FILENO, "ERROR resource \"snaps\" not found\n") + 1;
	return 0;
}
