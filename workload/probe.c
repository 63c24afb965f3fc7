/* SPDX-License-Identifier: Apache-2.0 */
#include "workload/probe.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

enum {
	READ_MAX = 64 * 1024, /* headers and body */
	STATUS_FINAL = 200,   /* what is below tells that an answer is to come */
	STATUS_BAD = 400,
};

struct answer {
	CURL *curl;
	size_t read; /* bytes */
	long status; /* of the headers that have come to their end, 0 while none have */
};

/* clang-format off */
static const struct {
	CURLcode code;
	const char *text;
} failures[] = {
	{ CURLE_OK,                 "connection closed" }, /* within the headers */
	{ CURLE_COULDNT_CONNECT,    "cannot connect" },
	{ CURLE_OPERATION_TIMEDOUT, "no answer within 2 s" },
	{ CURLE_GOT_NOTHING,        "connection closed" },
	{ CURLE_SEND_ERROR,         "connection closed" },
	{ CURLE_RECV_ERROR,         "connection closed" },
};
/* clang-format on */

static void free_curl(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

static size_t count(struct answer *answer, size_t size)
{
	answer->read += size;
	return answer->read <= READ_MAX ? size : 0;
}

static size_t on_body(char *data, size_t size, size_t items, void *context)
{
	(void)data;
	return count(context, size * items);
}

/* libcurl calls this with one whole line at a time; an empty line ends the headers. */
static size_t on_header(char *data, size_t size, size_t items, void *context)
{
	struct answer *answer = context;
	long status = 0;

	if (size * items > 0 && (data[0] == '\r' || data[0] == '\n') && !answer->status) {
		(void)curl_easy_getinfo(answer->curl, CURLINFO_RESPONSE_CODE, &status);
		if (status >= STATUS_FINAL)
			answer->status = status;
	}
	return count(answer, size * items);
}

/* Non-zero when libcurl refused an option. */
static int set_request(CURL *curl, int port, const char *path, struct answer *answer)
{
	char url[64];
	int bad = 0;

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
	/* A libcurl that was built without proxies refuses this, and does not need it. */
	(void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(curl, CURLOPT_URL, url) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_REQUEST_TARGET, path) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "microsample-vm") != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) !=
	       CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)PROBE_TIME) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header) != CURLE_OK;
	bad |= curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer) != CURLE_OK;
	return bad;
}

static const char *failed(CURL *curl, CURLcode code)
{
	long number = 0;

	(void)curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &number);
	if (code == CURLE_COULDNT_CONNECT && number == ECONNREFUSED)
		return "connection refused";
	for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
		if (failures[i].code == code)
			return failures[i].text;
	return "no HTTP answer";
}

bool probe(int port, const char *path, char ret[PROBE_TEXT_SIZE])
{
	CLEANUP(free_curl) CURL *curl = curl_easy_init();
	struct answer answer = { .curl = curl };
	CURLcode code;

	if (!curl || set_request(curl, port, path, &answer)) {
		(void)snprintf(ret, PROBE_TEXT_SIZE, "libcurl refuses the request");
		return false;
	}
	code = curl_easy_perform(curl);
	if (answer.status >= STATUS_FINAL && answer.status < STATUS_BAD)
		return true;
	if (answer.status)
		(void)snprintf(ret, PROBE_TEXT_SIZE, "HTTP %ld", answer.status);
	else
		(void)snprintf(ret, PROBE_TEXT_SIZE, "%s", failed(curl, code));
	return false;
}
