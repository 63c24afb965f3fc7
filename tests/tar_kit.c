/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/tar_kit.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"

enum {
	BLOCK = 512,
	NAME = 0,
	SIZE = 124,
	SUM = 148,
	TYPE = 156,
	MAGIC = 257,
};

void tar_kit_sum(struct buf *tar, size_t offset)
{
	char *header = tar->data + offset;
	unsigned sum = 0;

	memset(header + SUM, ' ', 8);
	for (int i = 0; i < BLOCK; i++)
		sum += (unsigned char)header[i];
	(void)snprintf(header + SUM, 8, "%06o", sum);
}

void tar_kit_header(struct buf *tar, const char *name, char type, int64_t size)
{
	char header[BLOCK] = { 0 };

	ck_assert_uint_le(strlen(name), 100);
	memcpy(header + NAME, name, strlen(name));
	(void)snprintf(header + SIZE, 12, "%011" PRIo64, size);
	header[TYPE] = type;
	memcpy(header + MAGIC, "ustar\00000", 8);
	ck_assert_int_eq(buf_add(tar, header, sizeof header), 0);
	tar_kit_sum(tar, tar->len - BLOCK);
}

void tar_kit_bytes(struct buf *tar, const void *data, size_t size)
{
	static const char zeros[BLOCK];

	ck_assert_int_eq(buf_add(tar, data, size), 0);
	ck_assert_int_eq(buf_add(tar, zeros, (BLOCK - tar->len % BLOCK) % BLOCK), 0);
}

void tar_kit_file(struct buf *tar, const char *name, char type, const void *data, size_t size)
{
	tar_kit_header(tar, name, type, (int64_t)size);
	tar_kit_bytes(tar, data, size);
}

void tar_kit_end(struct buf *tar)
{
	static const char zeros[2 * BLOCK];

	ck_assert_int_eq(buf_add(tar, zeros, sizeof zeros), 0);
}

int tar_kit_open(const struct buf *tar)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, buf_text(tar), tar->len), (ssize_t)tar->len);
	return fd;
}

void tar_kit_assertions(struct buf *ret, const char *name, int revision, size_t size)
{
	char hash[65];

	(void)snprintf(hash, sizeof hash, "%064zu", size * 1000 + (size_t)revision);
	ck_assert_int_eq(
		buf_addf(ret,
			"type: account-key\nauthority-id: testrootorg\nbody-length: 6\n"
			"sign-key-sha3-384: x\n\nbo\n\ndy\n\nAcbBTQ==\n\n"
			"type: snap-declaration\nauthority-id: testrootorg\nseries: 16\n"
			"snap-id: %s-id\nsnap-name: %s\nplugs:\n  shared:\n"
			"    snap-name: other\nsign-key-sha3-384: x\n\nAcLB\nUgQA\n\n"
			"type: snap-revision\nsnap-sha3-384: %s\nsnap-id: %s-id\n"
			"snap-revision: %d\nsnap-size: %zu\nsign-key-sha3-384: x\n\nAcLB\n",
			name, name, hash, name, revision, size),
		0);
}

void tar_kit_snap(struct buf *tar, const char *name, int revision, size_t size)
{
	CLEANUP(cleanup_free) char *file = alloc_textf("%s_%d.snap", name, revision);
	CLEANUP(cleanup_free) char *beside = alloc_textf("%s_%d.assert", name, revision);
	CLEANUP(cleanup_free) char *data = alloc_new(1, size);
	CLEANUP(buf_done) struct buf text;

	buf_init(&text, TAR_KIT_MAX);
	tar_kit_assertions(&text, name, revision, size);
	memset(data, name[0], size);
	tar_kit_file(tar, file, '0', data, size);
	tar_kit_file(tar, beside, '0', text.data, text.len);
}
