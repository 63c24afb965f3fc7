/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

void log_init(struct log *log)
{
	buf_init(&log->lines, LOG_MAX);
	log->level = JUJU_INFO;
}

void log_done(struct log *log)
{
	buf_done(&log->lines);
}

/* What snapd or the environment brings into a line must not reach a terminal as it is. */
__attribute__((format(printf, 2, 0))) static void write_line(
	struct buf *ret, const char *format, va_list args)
{
	char line[1024];

	(void)vsnprintf(line, sizeof line, format, args);
	buf_init(ret, 4 * sizeof line);
	(void)text_escape(ret, line, strlen(line));
}

void log_say(const char *format, ...)
{
	CLEANUP(buf_done) struct buf line;
	va_list args;

	va_start(args, format);
	write_line(&line, format, args);
	va_end(args);
	(void)puts(buf_text(&line));
	(void)fflush(stdout);
}

/* Whether LINE is one of the LINES, as a whole. */
static bool has_line(const char *lines, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = lines; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, line, length) == 0 && (at[length] == '\n' || !at[length]))
			return true;
	}
	return false;
}

void log_add(struct log *log, enum juju_level level, const char *format, ...)
{
	CLEANUP(buf_done) struct buf line;
	va_list args;

	va_start(args, format);
	write_line(&line, format, args);
	va_end(args);
	if (has_line(buf_text(&log->lines), buf_text(&line)))
		return;
	if (buf_addf(&log->lines, "%s%s", log->lines.len ? "\n" : "", buf_text(&line)) == 0 &&
		level > log->level)
		log->level = level;
}

void log_send(struct log *log, int64_t limit)
{
	struct error err = { 0 };

	if (log->lines.len > 0 && juju_log(log->level, buf_text(&log->lines), limit, &err) < 0)
		log_say("%s", err.text);
}
