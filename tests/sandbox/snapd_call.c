/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_call.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/snapd_api.h"
#include "tests/sandbox/snapd_save.h"
#include "tests/sandbox/snapd_wire.h"

/* As in Go's server, an answer that does not fit its buffer is sent in chunks. */
enum {
	CHUNKED_ABOVE = 2048,
	AWAY_CHECK_MS = 20
};

#define JSON_TYPE "application/json"

static void lock(struct sim_call *call)
{
	(void)pthread_mutex_lock(&call->shared->lock);
}

static void unlock(struct sim_call *call)
{
	(void)pthread_mutex_unlock(&call->shared->lock);
}

/* A text on its way out, for MHD to read. */
struct text {
	size_t size;
	char *data;
};

static ssize_t text_read(void *cls, uint64_t at, char *ret, size_t size)
{
	const struct text *text = cls;
	size_t left = text->size - (size_t)at;

	if (left == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (size > left)
		size = left;
	memcpy(ret, text->data + at, size);
	return (ssize_t)size;
}

static void text_free(void *cls)
{
	struct text *text = cls;

	free(text->data);
	free(text);
}

/* Takes ownership of DATA. */
static struct MHD_Response *response_of(char *data, bool chunked)
{
	struct text *text;

	if (!chunked && strlen(data) <= CHUNKED_ABOVE)
		return MHD_create_response_from_buffer(strlen(data), data, MHD_RESPMEM_MUST_FREE);
	text = alloc_new(1, sizeof *text);
	text->data = data;
	text->size = strlen(data);
	return MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, 16384, text_read, text, text_free);
}

static void print_date(const struct sim_call *call, char *ret, size_t size)
{
	time_t now = (time_t)(sim_now(call->shared->sim) / SIM_SECOND);
	struct tm tm;

	(void)gmtime_r(&now, &tm);
	(void)strftime(ret, size, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* As in Go: no Connection header, and for a long answer no length either. */
static enum MHD_Result send_old(struct sim_call *call, int status, const char *date, char *data)
{
	CLEANUP(cleanup_free)
	char *length = strlen(data) > CHUNKED_ABOVE
			       ? alloc_text("")
			       : alloc_textf("Content-Length: %zu\r\n", strlen(data));
	CLEANUP(cleanup_free)
	char *header =
		alloc_textf("HTTP/1.0 %d %s\r\nContent-Type: " JSON_TYPE "\r\nDate: %s\r\n%s\r\n",
			status, sim_reason(status), date, length);

	sim_wire_write(call->fd, header, strlen(header));
	sim_wire_write(call->fd, data, strlen(data));
	free(data);
	return MHD_NO;
}

static enum MHD_Result send_text(struct sim_call *call, int status, char *data)
{
	struct MHD_Response *response;
	enum MHD_Result result;
	char date[64];

	print_date(call, date, sizeof date);
	if (strcmp(call->version, "HTTP/1.0") == 0)
		return send_old(call, status, date, data);
	response = response_of(data, call->mode == SIM_CHUNKED);
	(void)MHD_add_response_header(response, "Content-Type", JSON_TYPE);
	(void)MHD_add_response_header(response, "Date", date);
	result = MHD_queue_response(call->connection, (unsigned)status, response);
	MHD_destroy_response(response);
	return result;
}

static char *print(cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);

	cJSON_Delete(json);
	if (!text)
		abort();
	return text;
}

enum MHD_Result sim_call_answer(struct sim_call *call, int status, cJSON *json)
{
	return send_text(call, status, print(json));
}

static long long fault_number(const struct sim_call *call, const char *key, long long otherwise)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(call->fault, key);

	return cJSON_IsNumber(value) ? (long long)value->valuedouble : otherwise;
}

static const char *fault_text(const struct sim_call *call, const char *key, const char *otherwise)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(call->fault, key));

	return text ? text : otherwise;
}

static bool kills(const struct sim_call *call, const char *when)
{
	return call->mode == SIM_KILL_CLIENT &&
	       strcmp(fault_text(call, "when", "before"), when) == 0;
}

/* Under the lock. */
static void record(struct sim_call *call)
{
	struct sim *sim = call->shared->sim;
	CLEANUP(cleanup_free) char *path = sim_target_path(call->target);
	const char *query = strchr(call->target, '?');
	cJSON *item = cJSON_CreateObject();

	cJSON_AddStringToObject(item, "method", call->method);
	cJSON_AddStringToObject(item, "path", path);
	cJSON_AddStringToObject(item, "query", query ? query + 1 : "");
	cJSON_AddStringToObject(item, "body", call->body);
	cJSON_AddNumberToObject(item, "status", call->status);
	cJSON_AddNumberToObject(item, "time", (double)(call->came / SIM_MILLISECOND));
	cJSON_AddItemToArray(sim->requests, item);
	if (strcmp(call->method, "GET") == 0)
		sim->gets++;
	else
		sim->posts++;
}

/* Closes without an answer. */
static enum MHD_Result hang_up(struct sim_call *call)
{
	lock(call);
	record(call);
	unlock(call);
	return MHD_NO;
}

/* A frozen daemon: waits until the client gives up. */
static enum MHD_Result never_answer(struct sim_call *call)
{
	(void)sim_wire_wait(call->fd, call->shared->stop, -1);
	return hang_up(call);
}

/* On a connection from before the daemon went away. */
static enum MHD_Result be_away(struct sim_call *call, enum sim_away away)
{
	while (away == SIM_HANGING && !sim_wire_wait(call->fd, call->shared->stop, AWAY_CHECK_MS)) {
		lock(call);
		away = call->shared->sim->away;
		unlock(call);
	}
	return hang_up(call);
}

static enum MHD_Result write_raw(struct sim_call *call)
{
	int status = (int)fault_number(call, "status", 200);
	CLEANUP(cleanup_free)
	char *answer = sim_wire_answer(status, sim_reason(status),
		fault_text(call, "type", "text/plain"), fault_text(call, "body", ""), NULL);

	call->status = status;
	sim_wire_write(call->fd, answer, strlen(answer));
	return hang_up(call);
}

static struct sim_answer made_up(const struct sim_call *call)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(call->fault, "value");

	return sim_error((int)fault_number(call, "status", 500), fault_text(call, "kind", NULL),
		value ? cJSON_Duplicate(value, 1) : NULL, "%s",
		fault_text(call, "message", "injected"));
}

/*
 * Waits while the store is asked, without the lock. False if nothing came of it: as with the real
 * snapd, a request has no effect if the client hangs up in that time. The older snapd gives up by
 * itself when it is stopped, and still answers so.
 */
static bool wait_for_store(struct sim_call *call)
{
	struct sim_shared *shared = call->shared;
	struct pollfd stop = { .fd = shared->stop, .events = POLLIN };
	long long ms = shared->sim->store.delay_ms;
	bool ended;

	shared->waiting++;
	unlock(call);
	ended = sim_wire_wait(call->fd, shared->stop, ms);
	lock(call);
	call->cancelled = ended && !shared->sim->newer && poll(&stop, 1, 0) > 0;
	if (!call->cancelled)
		shared->waiting--;
	return !ended || call->cancelled;
}

/* Carries the request out and makes the answer; status 0 if the client left while it waited. */
static struct sim_answer act(struct sim_call *call)
{
	struct sim *sim = call->shared->sim;
	struct sim_request request = {
		.method = call->method, .target = call->target, .body = call->body
	};
	struct sim_answer answer = { .status = 0 };

	lock(call);
	for (;;) {
		answer = call->mode == SIM_STATUS ? made_up(call) : sim_api(sim, &request);
		if (answer.status != 0)
			break;
		if (!wait_for_store(call)) {
			unlock(call);
			return answer;
		}
		request.waited = true;
		request.cancelled = call->cancelled;
	}
	call->status = answer.status;
	record(call);
	(void)sim_save(sim, NULL);
	unlock(call);
	return answer;
}

/* The faults that change the text. */
static void mangle(struct sim_call *call, cJSON *json)
{
	long long bytes = fault_number(call, "bytes", 1 << 20);
	CLEANUP(cleanup_free) char *padding = NULL;

	if (call->mode == SIM_EXTRA_FIELDS)
		sim_mangle_extra(json);
	if (call->mode == SIM_SHUFFLE) {
		lock(call);
		sim_mangle_shuffle(call->shared->sim, json);
		unlock(call);
	}
	if (call->mode == SIM_HUGE && bytes > 0) {
		padding = alloc_new((size_t)bytes + 1, 1);
		memset(padding, 'x', (size_t)bytes);
		cJSON_AddStringToObject(json, "padding", padding);
	}
}

/* The faults that cut the answer short or draw it out. */
static enum MHD_Result write_badly(struct sim_call *call, int status, cJSON *json)
{
	CLEANUP(cleanup_free) char *body = print(json);
	size_t header, size;
	CLEANUP(cleanup_free)
	char *answer = sim_wire_answer(status, sim_reason(status), JSON_TYPE, body, &header);

	size = strlen(answer);
	if (call->mode == SIM_DRIP)
		sim_wire_drip(call->fd, call->shared->stop, answer, size);
	else if (call->mode == SIM_RESET)
		sim_wire_write(call->fd, answer, header / 2);
	else if (call->mode == SIM_EOF)
		sim_wire_write(call->fd, answer, header + (size - header) / 2);
	else
		sim_wire_write(call->fd, answer, size);
	if (kills(call, "answered"))
		sim_wire_kill(call->fd);
	return MHD_NO;
}

static bool writes_badly(const struct sim_call *call)
{
	return call->mode == SIM_DRIP || call->mode == SIM_RESET || call->mode == SIM_EOF ||
	       kills(call, "answered");
}

/* Written by hand, because MHD is about to stop. */
static enum MHD_Result answer_cancelled(struct sim_call *call, struct sim_answer *answer)
{
	CLEANUP(cleanup_free) char *body = print(answer->json);
	CLEANUP(cleanup_free)
	char *text =
		sim_wire_answer(answer->status, sim_reason(answer->status), JSON_TYPE, body, NULL);

	sim_wire_write(call->fd, text, strlen(text));
	lock(call);
	call->shared->waiting--;
	unlock(call);
	return MHD_NO;
}

static enum MHD_Result act_and_answer(struct sim_call *call)
{
	struct sim_answer answer = act(call);

	if (answer.status == 0)
		return hang_up(call);
	if (call->cancelled)
		return answer_cancelled(call, &answer);
	if (kills(call, "acted"))
		sim_wire_kill(call->fd);
	if (call->mode == SIM_DROP_ACTED || kills(call, "acted")) {
		cJSON_Delete(answer.json);
		return MHD_NO;
	}
	if (call->mode == SIM_DELAY)
		(void)sim_wire_wait(call->fd, call->shared->stop, fault_number(call, "ms", 1000));
	mangle(call, answer.json);
	if (writes_badly(call))
		return write_badly(call, answer.status, answer.json);
	return sim_call_answer(call, answer.status, answer.json);
}

static enum MHD_Result act_late(struct sim_call *call)
{
	struct sim *sim = call->shared->sim;
	long long ms = fault_number(call, "ms", 1000);

	lock(call);
	sim_late_add(
		sim, sim_now(sim) + ms * SIM_MILLISECOND, call->method, call->target, call->body);
	unlock(call);
	return hang_up(call);
}

/* Go's server itself answers this one, and not in JSON. */
static enum MHD_Result no_host(struct sim_call *call)
{
	static const char answer[] =
		"HTTP/1.1 400 Bad Request: missing required Host header\r\n"
		"Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
		"400 Bad Request: missing required Host header";

	call->status = 400;
	sim_wire_write(call->fd, answer, sizeof answer - 1);
	return hang_up(call);
}

static enum MHD_Result handle(struct sim_call *call)
{
	if (strcmp(call->version, "HTTP/1.1") == 0 &&
		!MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, "Host"))
		return no_host(call);
	if (kills(call, "before")) {
		sim_wire_kill(call->fd);
		return hang_up(call);
	}
	switch (call->mode) {
	case SIM_HANG:
		return never_answer(call);
	case SIM_DROP_UNACTED:
		return hang_up(call);
	case SIM_ACT_LATE:
		return act_late(call);
	case SIM_RAW:
		return write_raw(call);
	default:
		return act_and_answer(call);
	}
}

enum MHD_Result sim_call_api(struct sim_call *call)
{
	CLEANUP(cleanup_free) char *path = sim_target_path(call->target);
	enum MHD_Result result;
	enum sim_away away;

	lock(call);
	call->came = sim_now(call->shared->sim);
	away = call->shared->sim->away;
	if (away == SIM_PRESENT)
		call->mode = sim_fault_take(call->shared->sim, call->method, path, &call->fault);
	unlock(call);
	if (away != SIM_PRESENT)
		return be_away(call, away);
	result = handle(call);
	cJSON_Delete(call->fault);
	call->fault = NULL;
	return result;
}
