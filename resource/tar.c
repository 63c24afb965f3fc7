/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The format is that of POSIX pax (ustar and its extended headers) and of GNU tar, from their manuals.
 */
#include "resource/tar.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"

enum {
	BLOCK = 512,
	SHOWN_SIZE = 64,
};

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100],
		magic[8], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

/* What the extended headers say of the file that follows them. */
struct extra {
	char name[TAR_NAME_SIZE]; /* "" for nothing */
	int64_t size;             /* -1 for nothing */
};

/* clang-format off */
/* What is not a plain file or a folder, and is not taken. */
static const struct {
	char type;
	const char *words;
} refused[] = {
	{ '1', "a link" },
	{ '2', "a link" },
	{ '3', "a device" },
	{ '4', "a device" },
	{ '6', "a pipe" },
	{ 'S', "a sparse file" },
};
/* clang-format on */

void tar_init(struct tar *tar, int fd, int64_t size)
{
	*tar = (struct tar){ .fd = fd, .size = size };
}

int tar_read(int fd, int64_t offset, void *ret, size_t size, struct error *err)
{
	char *at = ret;

	while (size > 0) {
		ssize_t got = pread(fd, at, size, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_system(err, errno, "cannot be read");
		if (got == 0)
			return error_set(err, ERROR_FORMAT, "is cut off");
		at += got;
		offset += got;
		size -= (size_t)got;
	}
	return 0;
}

/* "holds 'NAME', WORDS", the name made safe to show. */
static int refuse(const char *name, const char *words, struct error *err)
{
	char shown[SHOWN_SIZE];

	text_ascii(shown, sizeof shown, name);
	return error_set(err, ERROR_FORMAT, "holds '%s', %s", shown, words);
}

static bool is_zero(const struct header *header)
{
	const char *bytes = (const char *)header;

	for (int i = 0; i < BLOCK; i++)
		if (bytes[i])
			return false;
	return true;
}

/* Octal, with blanks before it and a blank or NUL behind it; -1 when it is anything else. */
static int64_t octal(const char *text, size_t size)
{
	int64_t ret = 0;
	size_t i = 0, digits = 0;

	while (i < size && text[i] == ' ')
		i++;
	for (; i < size && text[i] >= '0' && text[i] <= '7'; i++, digits++)
		ret = ret * 8 + (text[i] - '0');
	for (; i < size; i++)
		if (text[i] != ' ' && text[i] != '\0')
			return -1;
	return digits ? ret : -1;
}

/* A size: octal, or as GNU writes one that has no room so, in base 256 behind a byte 0x80. */
static int64_t number(const char *text, size_t size)
{
	int64_t ret = 0;

	if ((unsigned char)text[0] != 0x80)
		return octal(text, size);
	for (size_t i = 1; i < size; i++) {
		if (ret > INT64_MAX >> 8)
			return -1;
		ret = ret << 8 | (unsigned char)text[i];
	}
	return ret;
}

/* The sum of all bytes, those of the checksum taken as blanks. */
static bool is_whole(const struct header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	int64_t sum = ' ' * (int)sizeof header->checksum;

	for (int i = 0; i < BLOCK; i++)
		sum += bytes[i];
	for (size_t i = 0; i < sizeof header->checksum; i++)
		sum -= (unsigned char)header->checksum[i];
	return octal(header->checksum, sizeof header->checksum) == sum;
}

static void join_name(const struct header *header, char ret[TAR_NAME_SIZE])
{
	bool posix = memcmp(header->magic, "ustar\0", 6) == 0 && header->prefix[0];
	size_t prefix = posix ? strnlen(header->prefix, sizeof header->prefix) : 0;
	size_t name = strnlen(header->name, sizeof header->name);

	_Static_assert(sizeof header->prefix + 1 + sizeof header->name < TAR_NAME_SIZE,
		"any name of a header fits");
	memset(ret, 0, TAR_NAME_SIZE);
	memcpy(ret, header->prefix, prefix);
	if (posix)
		ret[prefix++] = '/';
	memcpy(ret + prefix, header->name, name);
}

/* Whether a part of NAME is "..", or it begins at the root. */
static bool climbs(const char *name)
{
	if (*name == '/')
		return true;
	for (;;) {
		size_t part = strcspn(name, "/");

		if (part == 2 && memcmp(name, "..", 2) == 0)
			return true;
		if (!name[part])
			return false;
		name += part + 1;
	}
}

/* Takes a NAME of SIZE bytes out of an extended header. */
static int take_name(const char *name, size_t size, struct extra *ret, struct error *err)
{
	if (size == 0 || size >= sizeof ret->name || memchr(name, '\0', size))
		return error_set(err, ERROR_FORMAT, "holds a file whose name cannot be used");
	memset(ret->name, 0, sizeof ret->name);
	memcpy(ret->name, name, size);
	return 0;
}

/* One record of pax: KEY=VALUE, VALUE of SIZE bytes. */
static int take_record(const char *key, size_t length, const char *value, size_t size,
	struct extra *ret, struct error *err)
{
	static const char sparse[] = "GNU.sparse.";
	char digits[24];

	if (length == 4 && memcmp(key, "path", 4) == 0)
		return take_name(value, size, ret, err);
	if (length > sizeof sparse - 1 && memcmp(key, sparse, sizeof sparse - 1) == 0)
		return error_set(err, ERROR_FORMAT, "holds a sparse file");
	if (length != 4 || memcmp(key, "size", 4) != 0)
		return 0;
	if (size >= sizeof digits || memchr(value, '\0', size))
		return error_set(err, ERROR_FORMAT, "holds a damaged header");
	memcpy(digits, value, size);
	digits[size] = '\0';
	ret->size = text_number(digits);
	if (ret->size < 0)
		return error_set(err, ERROR_FORMAT, "holds a damaged header");
	return 0;
}

/* "LENGTH KEY=VALUE\n", again and again; LENGTH counts all of it. */
static int take_pax(const char *text, size_t size, struct extra *ret, struct error *err)
{
	while (size > 0) {
		size_t length = 0, digits = 0;
		const char *end, *equals;

		while (digits < size && text[digits] >= '0' && text[digits] <= '9' &&
			length <= TAR_EXTENDED_MAX)
			length = length * 10 + (size_t)(text[digits++] - '0');
		if (digits == 0 || length > size || length < digits + 4 || text[digits] != ' ' ||
			text[length - 1] != '\n')
			return error_set(err, ERROR_FORMAT, "holds a damaged header");
		end = text + length - 1;
		text += digits + 1;
		equals = memchr(text, '=', (size_t)(end - text));
		if (!equals)
			return error_set(err, ERROR_FORMAT, "holds a damaged header");
		if (take_record(text, (size_t)(equals - text), equals + 1,
			    (size_t)(end - equals) - 1, ret, err) < 0)
			return -1;
		size -= length;
		text = end + 1;
	}
	return 0;
}

/* What the header of TYPE with SIZE bytes says of the next file. Of all others it may say nothing. */
static int take_extended(
	const struct tar *tar, char type, int64_t size, struct extra *ret, struct error *err)
{
	CLEANUP(cleanup_free) char *text = NULL;
	struct extra all = { .size = -1 };

	if (size > TAR_EXTENDED_MAX)
		return error_set(err, ERROR_FORMAT, "holds a header that is too long");
	text = alloc_new(1, (size_t)size + 1);
	if (tar_read(tar->fd, tar->at, text, (size_t)size, err) < 0)
		return -1;
	if (type == 'K')
		return 0;
	if (type == 'L')
		return take_name(text, strnlen(text, (size_t)size), ret, err);
	if (type == 'x')
		return take_pax(text, (size_t)size, ret, err);
	if (take_pax(text, (size_t)size, &all, err) < 0)
		return -1;
	if (*all.name || all.size >= 0)
		return error_set(err, ERROR_FORMAT, "holds a damaged header");
	return 0;
}

/* 0: RET is a header, and its bytes are there; 1: the end. */
static int next_header(struct tar *tar, struct header *ret, int64_t *size, struct error *err)
{
	if (tar->headers++ == TAR_HEADERS_MAX)
		return error_set(err, ERROR_FORMAT, "holds too many files");
	if (tar_read(tar->fd, tar->at, ret, sizeof *ret, err) < 0)
		return -1;
	if (is_zero(ret))
		return 1;
	*size = number(ret->size, sizeof ret->size);
	if (!is_whole(ret) || *size < 0)
		return error_set(err, ERROR_FORMAT,
			tar->at == 0 ? "is not a tar" : "holds a damaged header");
	tar->at += BLOCK;
	return 0;
}

/* Leaves SIZE bytes behind. -1 if they are not there. */
static int pass(struct tar *tar, int64_t size, struct error *err)
{
	if (size > tar->size - tar->at)
		return error_set(err, ERROR_FORMAT, "is cut off");
	tar->at += size;
	tar->at += (BLOCK - tar->at % BLOCK) % BLOCK;
	return 0;
}

/* A plain file is 1, a folder 0, and anything else -1. */
static int take_file(char type, struct tar_member *ret, struct error *err)
{
	size_t length = strlen(ret->name), skip = 0;

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (type == refused[i].type)
			return refuse(ret->name, refused[i].words, err);
	if (type != '0' && type != '\0' && type != '7' && type != '5')
		return refuse(ret->name, "of a kind that is not known", err);
	if (length == 0)
		return error_set(err, ERROR_FORMAT, "holds a file without a name");
	if (climbs(ret->name))
		return refuse(ret->name, "a name that leads out of it", err);
	if (type == '5' || ret->name[length - 1] == '/')
		return ret->size ? refuse(ret->name, "a folder with bytes of its own", err) : 0;
	while (ret->name[skip] == '.' && ret->name[skip + 1] == '/')
		skip += 2 + strspn(ret->name + skip + 2, "/");
	memmove(ret->name, ret->name + skip, length - skip);
	memset(ret->name + length - skip, 0, skip);
	return 1;
}

int tar_next(struct tar *tar, struct tar_member *ret, struct error *err)
{
	struct extra extra = { .size = -1 };
	struct tar_member member = { .size = 0 };
	struct header header = { .type = '0' };
	int kind;

	for (;;) {
		int end = next_header(tar, &header, &member.size, err);

		if (end)
			return end < 0 ? -1 : 0;
		if (header.type && strchr("LKxg", header.type)) {
			if (take_extended(tar, header.type, member.size, &extra, err) < 0 ||
				pass(tar, member.size, err) < 0)
				return -1;
			continue;
		}
		join_name(&header, member.name);
		if (*extra.name)
			memcpy(member.name, extra.name, sizeof member.name);
		if (extra.size >= 0)
			member.size = extra.size;
		extra = (struct extra){ .size = -1 };
		member.offset = tar->at;
		kind = take_file(header.type, &member, err);
		if (kind < 0 || pass(tar, member.size, err) < 0)
			return -1;
		if (kind == 0)
			continue;
		*ret = member;
		return 1;
	}
}
