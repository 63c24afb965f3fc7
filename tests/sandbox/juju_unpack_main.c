/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacks a .charm: sandbox-juju-unpack FILE FOLDER. A program of its own, since every command of
 * sandbox-juju would have to load the library.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"

static void reader_free(struct archive **archive)
{
	(void)archive_read_free(*archive);
}

static void writer_free(struct archive **archive)
{
	(void)archive_write_free(*archive);
}

static int copy_entry(struct archive *in, struct archive *out, struct archive_entry *entry,
	const char *to, struct error *err)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", to, archive_entry_pathname(entry));
	const void *data;
	size_t size;
	la_int64_t offset;
	int got;

	archive_entry_set_pathname(entry, path);
	if (archive_write_header(out, entry) < ARCHIVE_OK)
		return error_set(err, ERROR_FORMAT, "%s: %s", path, archive_error_string(out));
	while ((got = archive_read_data_block(in, &data, &size, &offset)) == ARCHIVE_OK)
		if (archive_write_data_block(out, data, size, offset) < ARCHIVE_OK)
			return error_set(
				err, ERROR_FORMAT, "%s: %s", path, archive_error_string(out));
	if (got != ARCHIVE_EOF)
		return error_set(err, ERROR_FORMAT, "%s: %s", path, archive_error_string(in));
	return 0;
}

static int unpack(const char *path, const char *to, struct error *err)
{
	CLEANUP(reader_free) struct archive *in = archive_read_new();
	CLEANUP(writer_free) struct archive *out = archive_write_disk_new();
	struct archive_entry *entry;
	int got;

	(void)archive_read_support_format_zip(in);
	(void)archive_write_disk_set_options(
		out, ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_SECURE_NODOTDOT);
	if (archive_read_open_filename(in, path, 65536) != ARCHIVE_OK)
		return error_set(err, ERROR_FORMAT, "%s: %s", path, archive_error_string(in));
	while ((got = archive_read_next_header(in, &entry)) == ARCHIVE_OK)
		if (copy_entry(in, out, entry, to, err))
			return -1;
	if (got != ARCHIVE_EOF)
		return error_set(err, ERROR_FORMAT, "%s: zip: %s", path, archive_error_string(in));
	return 0;
}

int main(int argc, char **argv)
{
	struct error err = { 0 };

	if (argc == 3 && !unpack(argv[1], argv[2], &err))
		return 0;
	(void)fprintf(stderr, "sandbox-juju-unpack: %s\n", argc == 3 ? err.text : "FILE FOLDER");
	return 1;
}
