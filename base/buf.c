/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void buf_init(struct buf *buf, size_t limit)
{
	*buf = (struct buf){ .limit = limit };
}

void buf_done(struct buf *buf)
{
	if (!buf)
		return;
	free(buf->data);
	buf_init(buf, buf->limit);
}

static void make_room(struct buf *buf, size_t needed)
{
	size_t size = buf->size ? buf->size : 128;

	if (needed <= buf->size)
		return;
	while (size < needed)
		size *= 2;
	buf->data = alloc_again(buf->data, size);
	buf->size = size;
}

int buf_add(struct buf *buf, const void *data, size_t size)
{
	if (size > buf->limit - buf->len)
		return -1;
	make_room(buf, buf->len + size + 1);
	if (size)
		memcpy(buf->data + buf->len, data, size);
	buf->len += size;
	buf->data[buf->len] = '\0';
	return 0;
}

int buf_adds(struct buf *buf, const char *text)
{
	return buf_add(buf, text, strlen(text));
}

int buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (size < 0 || (size_t)size > buf->limit - buf->len)
		return -1;
	make_room(buf, buf->len + (size_t)size + 1);
	va_start(args, format);
	(void)vsnprintf(buf->data + buf->len, (size_t)size + 1, format, args);
	va_end(args);
	buf->len += (size_t)size;
	return 0;
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}
