/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See wire.h. Reads an answer completely before parsing it: every request asks the other side to
 * close the connection.
 */
#include "tests/recordings/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"

enum {
	ANSWER_MAX = 4 * 1024 * 1024
};

static const char *text_of(const cJSON *request, const char *key, const char *otherwise)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(request, key));

	return text ? text : otherwise;
}

static void write_request(const cJSON *request, bool keep, struct buf *ret)
{
	const char *body = text_of(request, "body", NULL);
	bool typed = !cJSON_IsNull(cJSON_GetObjectItem(request, "type"));

	(void)buf_addf(ret, "%s %s HTTP/%s\r\n", text_of(request, "method", "GET"),
		text_of(request, "path", "/"), text_of(request, "http", "1.1"));
	if (!cJSON_IsFalse(cJSON_GetObjectItem(request, "host")))
		(void)buf_adds(ret, "Host: localhost\r\n");
	if (!keep)
		(void)buf_adds(ret, "Connection: close\r\n");
	if (body && typed)
		(void)buf_addf(
			ret, "Content-Type: %s\r\n", text_of(request, "type", "application/json"));
	if (body)
		(void)buf_addf(ret, "Content-Length: %zu\r\n", strlen(body));
	(void)buf_addf(ret, "\r\n%s", body ? body : "");
}

static const char *connect_failure(int number)
{
	if (number == ECONNREFUSED)
		return "connect ECONNREFUSED";
	return number == ENOENT ? "connect ENOENT" : "connect";
}

/* 0, or -1 with errno as connect() left it. */
static int call(const char *path, int fd, int limit)
{
	struct timeval wait = { .tv_sec = limit / 1000, .tv_usec = limit % 1000 * 1000 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof address.sun_path)
		abort();
	(void)strcpy(address.sun_path, path);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	return connect(fd, (struct sockaddr *)&address, sizeof address);
}

/* Reads everything until the other side closes; returns a failure as in struct wire, or NULL. */
static const char *receive(int fd, struct buf *ret)
{
	char piece[65536];

	for (;;) {
		ssize_t got = recv(fd, piece, sizeof piece, 0);

		if (got == 0)
			return ret->len ? NULL : "recv EOF";
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return "recv timed out";
		if (got < 0)
			return errno == ECONNRESET ? "recv ECONNRESET" : "recv";
		if (buf_add(ret, piece, (size_t)got) < 0)
			return "recv too much";
	}
}

/* The value of the header NAME ("\r\nName: "), as long as its line; NULL when there is none. */
static const char *find_header(const char *head, const char *name)
{
	const char *end = strstr(head, "\r\n\r\n");
	const char *at = strcasestr(head, name);

	return at && at < end ? at + strlen(name) : NULL;
}

/* The chunks at FROM joined; NULL if they are incomplete. */
static char *join_chunks(const char *from)
{
	CLEANUP(buf_done) struct buf whole = { 0 };

	buf_init(&whole, ANSWER_MAX);
	for (;;) {
		char *end;
		size_t size = strtoul(from, &end, 16);

		if (end == from || strncmp(end, "\r\n", 2) != 0)
			return NULL;
		if (size == 0)
			return alloc_text(buf_text(&whole));
		from = end + 2;
		if (strnlen(from, size) < size || buf_add(&whole, from, size) < 0)
			return NULL;
		from += size;
		if (strncmp(from, "\r\n", 2) != 0)
			return NULL;
		from += 2;
	}
}

static const char *take_apart(const char *answer, struct wire *ret)
{
	const char *end = strstr(answer, "\r\n\r\n");
	const char *type, *length;

	if (!end || strncmp(answer, "HTTP/1.", 7) != 0)
		return "recv no HTTP";
	ret->status = atoi(answer + strlen("HTTP/1.1 "));
	type = find_header(answer, "\r\nContent-Type: ");
	if (type && strcspn(type, "\r") < sizeof ret->type)
		(void)strncat(ret->type, type, strcspn(type, "\r"));
	length = find_header(answer, "\r\nContent-Length: ");
	end += 4;
	ret->framing = length ? "length" : "end";
	if (find_header(answer, "\r\nTransfer-Encoding: chunked")) {
		ret->framing = "chunked";
		ret->body = join_chunks(end);
		return ret->body ? NULL : "recv cut";
	}
	ret->body = alloc_text(end);
	return length && strtoul(length, NULL, 10) != strlen(end) ? "recv cut" : NULL;
}

/* The second of two answers with the same body. */
static const char *take_apart_second(const char *answers, struct wire *ret)
{
	const char *first = strstr(answers, "\r\n\r\n");
	const char *second = first ? strstr(first, "HTTP/1.") : NULL;
	const char *failure;

	if (!second)
		return "recv one answer only";
	failure = take_apart(second, ret);
	first += strlen("\r\n\r\n");
	if (!failure && strncmp(first, ret->body, (size_t)(second - first)) != 0)
		return "recv two different answers";
	return failure;
}

void wire_ask(const char *path, const cJSON *request, int limit,
	const struct wire_meanwhile *meanwhile, struct wire *ret)
{
	CLEANUP(cleanup_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CLEANUP(buf_done) struct buf out = { 0 }, in = { 0 };
	bool twice = cJSON_IsTrue(cJSON_GetObjectItem(request, "twice"));

	buf_init(&out, ANSWER_MAX);
	buf_init(&in, ANSWER_MAX);
	*ret = (struct wire){ .framing = "" };
	if (twice)
		write_request(request, true, &out);
	write_request(request, false, &out);
	if (call(path, fd, limit) < 0) {
		ret->failure = connect_failure(errno);
		return;
	}
	if (send(fd, out.data, out.len, MSG_NOSIGNAL) < 0)
		ret->failure = "send";
	if (ret->failure || limit == 0)
		return;
	if (meanwhile)
		meanwhile->function(meanwhile->data);
	ret->failure = receive(fd, &in);
	if (!ret->failure)
		ret->failure = twice ? take_apart_second(buf_text(&in), ret)
				     : take_apart(buf_text(&in), ret);
	if (!ret->failure)
		ret->json = cJSON_Parse(ret->body);
}

void wire_done(struct wire *wire)
{
	free(wire->body);
	cJSON_Delete(wire->json);
	*wire = (struct wire){ 0 };
}
