/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *or_abort(void *memory)
{
	static const char line[] = "microsample-vm: out of memory; the next hook repeats\n";

	if (memory)
		return memory;
	if (write(STDERR_FILENO, line, sizeof line - 1) < 0) {
		/* nothing more can be done */
	}
	abort();
}

void *alloc_new(size_t count, size_t size)
{
	return or_abort(calloc(count ? count : 1, size ? size : 1));
}

void *alloc_again(void *old, size_t size)
{
	return or_abort(realloc(old, size));
}

char *alloc_text(const char *text)
{
	return text ? or_abort(strdup(text)) : NULL;
}

char *alloc_textf(const char *format, ...)
{
	va_list args;
	char *text;
	int size;

	va_start(args, format);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = alloc_new(1, size < 0 ? 1 : (size_t)size + 1);
	va_start(args, format);
	if (size >= 0)
		(void)vsnprintf(text, (size_t)size + 1, format, args);
	va_end(args);
	return text;
}
