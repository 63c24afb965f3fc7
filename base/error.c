/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
	va_list args;

	if (!err)
		return -1;
	err->kind = kind;
	err->code = 0;
	va_start(args, format);
	(void)vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	return -1;
}

int error_system(struct error *err, int number, const char *format, ...)
{
	va_list args;
	size_t used;

	if (!err)
		return -1;
	err->kind = ERROR_SYSTEM;
	err->code = number;
	va_start(args, format);
	(void)vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	used = strlen(err->text);
	(void)snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(number));
	return -1;
}

int error_wrap(struct error *err, const char *format, ...)
{
	char context[sizeof err->text];
	char text[sizeof err->text];
	va_list args;
	size_t used;

	if (!err)
		return -1;
	va_start(args, format);
	(void)vsnprintf(context, sizeof context, format, args);
	va_end(args);
	memcpy(text, err->text, sizeof text);
	(void)snprintf(err->text, sizeof err->text, "%s", context);
	used = strlen(err->text);
	(void)snprintf(err->text + used, sizeof err->text - used, ": %s", text);
	return -1;
}
