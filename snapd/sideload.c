/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requests that carry files. The boundary between the parts of a form is drawn at random, so that
 * no file can hold it and add fields to the form.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "snapd/json.h"

enum {
	BOUNDARY_BYTES = 16,
	BOUNDARY_SIZE = 2 * BOUNDARY_BYTES + 1,
	HEAD_SIZE = 1024,
	NAME_MAX_BYTES = 255,
	PIECES_MAX = 2 * SNAPD_FILES_MAX + 1,
};

static int draw_boundary(char ret[BOUNDARY_SIZE], struct error *err)
{
	unsigned char bytes[BOUNDARY_BYTES];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return error_set(err, ERROR_UNREACHABLE, "nothing was sent: no random bytes");
	for (size_t i = 0; i < sizeof bytes; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static bool is_fine(const struct snapd_file *file)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t size = strlen(file->name);

	return size > 0 && size <= NAME_MAX_BYTES && strspn(file->name, letters) == size &&
	       file->fd >= 0 && file->offset >= 0 && file->size > 0;
}

static struct snapd_piece text_piece(const char *text)
{
	return (struct snapd_piece){ .text = text, .fd = -1, .size = (int64_t)strlen(text) };
}

static struct snapd_piece file_piece(const struct snapd_file *file)
{
	return (struct snapd_piece){
		.fd = file->fd,
		.offset = file->offset,
		.size = file->size,
	};
}

static void free_reply(struct snapd_http *reply)
{
	buf_done(&reply->body);
}

int snapd_assert(struct snapd *snapd, const struct snapd_file *assertions, int64_t limit,
	struct snapd_answer *ret, struct error *err)
{
	CLEANUP(free_reply) struct snapd_http reply = { 0 };
	CLEANUP(snapd_envelope_done) struct snapd_envelope envelope = { 0 };
	static const struct snapd_request none;
	struct snapd_piece piece = file_piece(assertions);
	struct snapd_body body = { "Content-Type: application/x.ubuntu.assertion", &piece, 1 };

	if (!is_fine(assertions))
		return error_set(err, ERROR_UNREACHABLE, "nothing was sent: not a file");
	if (snapd_ask(snapd, "/v2/assertions", &body, limit, &reply, err) < 0)
		return -1;
	if (reply.status >= 400)
		return snapd_answer_read(&reply, &none, ret, err);
	if (snapd_envelope_read(&reply, &envelope, err) < 0)
		return -1;
	if (reply.status != 200)
		return snapd_unexpected(&envelope, err);
	*ret = (struct snapd_answer){ .verdict = SNAPD_ACCEPTED, .status = reply.status };
	return 0;
}

/* What stands before each file, and after the last one, in HEADS. */
static void write_heads(const struct snapd_file *files, size_t count, const char *boundary,
	char (*heads)[HEAD_SIZE])
{
	char fields[HEAD_SIZE / 2];

	(void)snprintf(fields, sizeof fields,
		"--%s\r\nContent-Disposition: form-data; name=\"action\"\r\n\r\ninstall\r\n"
		"--%s\r\nContent-Disposition: form-data; name=\"transaction\"\r\n\r\nall-snaps",
		boundary, boundary);
	for (size_t i = 0; i < count; i++)
		(void)snprintf(heads[i], HEAD_SIZE,
			"%s\r\n--%s\r\nContent-Disposition: form-data; name=\"snap\"; "
			"filename=\"%s\"\r\nContent-Type: application/octet-stream\r\n\r\n",
			i ? "" : fields, boundary, files[i].name);
	(void)snprintf(heads[count], HEAD_SIZE, "\r\n--%s--\r\n", boundary);
}

int snapd_sideload(struct snapd *snapd, const struct snapd_file *files, size_t count, int64_t limit,
	struct snapd_answer *ret, struct error *err)
{
	CLEANUP(free_reply) struct snapd_http reply = { 0 };
	static const struct snapd_request none;
	char boundary[BOUNDARY_SIZE], type[HEAD_SIZE], heads[SNAPD_FILES_MAX + 1][HEAD_SIZE];
	struct snapd_piece pieces[PIECES_MAX];
	struct snapd_body body = { type, pieces, 2 * count + 1 };
	bool fine = count > 0 && count <= SNAPD_FILES_MAX;

	for (size_t i = 0; fine && i < count; i++)
		fine = is_fine(&files[i]);
	if (!fine)
		return error_set(err, ERROR_UNREACHABLE, "nothing was sent: not such files");
	if (draw_boundary(boundary, err) < 0)
		return -1;
	write_heads(files, count, boundary, heads);
	for (size_t i = 0; i < count; i++) {
		pieces[2 * i] = text_piece(heads[i]);
		pieces[2 * i + 1] = file_piece(&files[i]);
	}
	pieces[2 * count] = text_piece(heads[count]);
	(void)snprintf(
		type, sizeof type, "Content-Type: multipart/form-data; boundary=%s", boundary);
	if (snapd_ask(snapd, "/v2/snaps", &body, limit, &reply, err) < 0)
		return -1;
	return snapd_answer_read(&reply, &none, ret, err);
}
