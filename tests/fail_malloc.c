/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For LD_PRELOAD: makes allocation number FAIL_AT of the program FAIL_IN fail, or with FAIL_ALL set
 * that one and all after it. When it does so, it makes the file FAIL_NOTE.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static long counted, at; /* at: 0 for never */
static int all;

__attribute__((constructor)) static void begin(void)
{
	const char *number = getenv("FAIL_AT"), *program = getenv("FAIL_IN");

	counted = 0;
	all = getenv("FAIL_ALL") != NULL;
	if (number && program && strcmp(program, program_invocation_short_name) == 0)
		at = strtol(number, NULL, 10);
}

static int fails(void)
{
	const char *note;
	int fd;

	if (!at || ++counted < at || (!all && counted > at))
		return 0;
	note = counted == at ? getenv("FAIL_NOTE") : NULL;
	if (note) {
		fd = open(note, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		(void)close(fd);
	}
	errno = ENOMEM;
	return 1;
}

__attribute__((visibility("default"))) void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

__attribute__((visibility("default"))) void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}
