/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transport: see http.h. Each request has its own handle and its own connection, because
 * libcurl sends a request again when a kept connection turns out to be dead.
 */
#include "snapd/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "snapd/snapd.h"

enum {
	CONNECT_MILLISECONDS = 5000,
	STALL_SECONDS = 120, /* in which not one byte moves, of what may take longer */
	LIMIT_MAX = 24 * 60 * 60 * 1000,
	HEADERS_MAX = 64 * 1024, /* snapd sends five headers */
};

struct answer {
	struct buf body;
	size_t headers; /* bytes */
	bool too_large;
	bool headed; /* the empty line after the headers has come */
};

/* What is still to be sent. */
struct upload {
	const struct snapd_body *body;
	size_t piece;
	int64_t done; /* of that piece */
	bool broken;  /* a file ended before its time, or could not be read */
};

static void free_curl(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

static void free_list(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

static void free_answer(struct answer *answer)
{
	buf_done(&answer->body);
}

int snapd_http_start(struct error *err)
{
	CURLcode code = curl_global_init(CURL_GLOBAL_NOTHING);

	if (code)
		return error_set(err, ERROR_UNREACHABLE, "libcurl: %s", curl_easy_strerror(code));
	return 0;
}

void snapd_http_stop(void)
{
	curl_global_cleanup();
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct answer *answer = context;

	if (buf_add(&answer->body, data, size * count) < 0) {
		answer->too_large = true;
		return 0;
	}
	return size * count;
}

/*
 * libcurl calls this with one whole line at a time, or with a part of a line if the answer ends
 * there, which libcurl counts as success. There is more than one set of headers with 100 Continue,
 * and there are lines after the body with chunked encoding.
 */
static size_t on_header(char *data, size_t size, size_t count, void *context)
{
	struct answer *answer = context;

	answer->headers += size * count;
	if (answer->headers > HEADERS_MAX) {
		answer->too_large = true;
		return 0;
	}
	if (size * count >= 5 && memcmp(data, "HTTP/", 5) == 0)
		answer->headed = false;
	else if (size * count > 0 && (data[0] == '\r' || data[0] == '\n'))
		answer->headed = true;
	return size * count;
}

static size_t on_read(char *ret, size_t size, size_t count, void *context)
{
	struct upload *upload = context;
	const struct snapd_body *body = upload->body;
	size_t room = size * count;
	const struct snapd_piece *piece;
	int64_t left;
	ssize_t got;

	while (upload->piece < body->count && upload->done == body->pieces[upload->piece].size) {
		upload->piece++;
		upload->done = 0;
	}
	if (upload->piece == body->count)
		return 0;
	piece = &body->pieces[upload->piece];
	left = piece->size - upload->done;
	if (left < (int64_t)room)
		room = (size_t)left;
	got = (ssize_t)room;
	if (piece->text)
		memcpy(ret, piece->text + upload->done, room);
	else
		got = pread(piece->fd, ret, room, (off_t)(piece->offset + upload->done));
	if (got <= 0) {
		upload->broken = true;
		return CURL_READFUNC_ABORT;
	}
	upload->done += got;
	return (size_t)got;
}

/* A libcurl that was built without proxies does not know these options, and does not need them. */
static int no_proxy(CURL *curl)
{
	CURLcode proxy = curl_easy_setopt(curl, CURLOPT_PROXY, "");
	CURLcode noproxy = curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");

	if ((proxy == CURLE_UNKNOWN_OPTION || proxy == CURLE_NOT_BUILT_IN) && proxy == noproxy)
		return 0;
	return proxy || noproxy;
}

static int only_http(CURL *curl)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http") != CURLE_OK;
#else
	return curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTP) != CURLE_OK;
#endif
}

/* Non-zero when libcurl refused an option; without the socket's path it would use the network. */
static int set_transport(CURL *curl, const char *socket, long limit)
{
	long connect = limit < CONNECT_MILLISECONDS ? limit : CONNECT_MILLISECONDS;
	int bad = no_proxy(curl) | only_http(curl);

	bad |= curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) !=
	       CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, connect) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, limit) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS) != CURLE_OK;
	return bad;
}

/* Without a length libcurl would send chunks. */
static int set_body(CURL *curl, struct upload *upload)
{
	curl_off_t size = 0;
	int bad = curl_easy_setopt(curl, CURLOPT_POST, 1L) != CURLE_OK;

	for (size_t i = 0; i < upload->body->count; i++)
		size += upload->body->pieces[i].size;
	bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, size) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_READDATA, upload) != CURLE_OK;
	return bad;
}

static int set_request(CURL *curl, const char *path, struct upload *upload,
	struct curl_slist *headers, struct answer *answer)
{
	char url[512];
	int length = snprintf(url, sizeof url, "http://localhost%s", path);
	int bad = length < 0 || (size_t)length >= sizeof url;

	bad |= curl_easy_setopt(curl, CURLOPT_URL, url) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer) != CURLE_OK;
	if (upload->body)
		bad |= set_body(curl, upload);
	return bad;
}

/* What a failed transfer means. libcurl counts the bytes of the request that it has sent. */
static int failed(CURL *curl, CURLcode code, const char *socket, const struct upload *upload,
	const struct answer *answer, struct error *err)
{
	long sent = 0, number = 0;

	(void)curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &sent);
	(void)curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &number);
	if (answer->too_large)
		return error_set(err, ERROR_LIMIT, "snapd answers with too much");
	if (upload->broken)
		return error_set(err, ERROR_CUT, "a file for snapd cannot be read");
	/* Its end was not even begun: snapd does nothing for half a form. */
	if (sent > 0 && upload->body && upload->piece + 1 < upload->body->count)
		return error_set(
			err, ERROR_CUT, "not all was sent to snapd: %s", curl_easy_strerror(code));
	if (sent > 0)
		return error_set(err, ERROR_UNANSWERED, "snapd did not answer: %s",
			curl_easy_strerror(code));
	if (code != CURLE_COULDNT_CONNECT || number <= 0)
		return error_set(err, ERROR_UNREACHABLE, "cannot ask snapd at %s: %s", socket,
			curl_easy_strerror(code));
	(void)error_set(err, ERROR_UNREACHABLE, "cannot ask snapd at %s: %s", socket,
		strerror((int)number));
	if (err)
		err->code = (int)number;
	return -1;
}

static struct curl_slist *make_headers(const struct snapd_body *body)
{
	const char *type = body ? body->type : SNAPD_JSON;
	struct curl_slist *list = curl_slist_append(NULL, type);

	if (list && curl_slist_append(list, "Expect:"))
		return list;
	curl_slist_free_all(list);
	return NULL;
}

/* With an empty path libcurl would not use a socket, but port 80 of this machine. */
static bool fits_socket(const char *path)
{
	return path[0] && strlen(path) < sizeof((struct sockaddr_un *)NULL)->sun_path;
}

int snapd_http_ask(const char *socket, const char *path, const struct snapd_body *body,
	int64_t limit, struct snapd_http *ret, struct error *err)
{
	CLEANUP(free_curl) CURL *curl = NULL;
	CLEANUP(free_list) struct curl_slist *headers = NULL;
	CLEANUP(free_answer) struct answer answer = { .body = { .limit = SNAPD_BODY_MAX } };
	struct upload upload = { .body = body };
	CURLcode code;
	long status = 0;

	if (limit <= 0)
		return error_set(err, ERROR_UNREACHABLE, "no time is left to ask snapd");
	if (!fits_socket(socket))
		return error_set(
			err, ERROR_UNREACHABLE, "no usable path is set for snapd's socket");
	curl = curl_easy_init();
	headers = make_headers(body);
	if (!curl || !headers ||
		set_transport(curl, socket, limit < LIMIT_MAX ? (long)limit : LIMIT_MAX) ||
		set_request(curl, path, &upload, headers, &answer))
		return error_set(err, ERROR_UNREACHABLE, "libcurl refuses the request");
	code = curl_easy_perform(curl);
	if (code != CURLE_OK)
		return failed(curl, code, socket, &upload, &answer, err);
	if (!answer.headed)
		return error_set(err, ERROR_UNANSWERED, "snapd's answer ended early");
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	*ret = (struct snapd_http){ .status = (int)status, .body = answer.body };
	buf_init(&answer.body, 0);
	return 0;
}
