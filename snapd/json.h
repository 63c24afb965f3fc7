/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For use within snapd/ only: snapd's envelope {"type","status-code","result"}, and functions that
 * read JSON. For them a missing key, a wrong type or an odd number is an empty value and never an
 * error.
 */
#ifndef SNAPD_JSON_H
#define SNAPD_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapd/http.h"
#include "snapd/snapd.h"

enum {
	SNAPD_PATH_SIZE = 256, /* room for the path of any request */
};

struct snapd {
	char *path;    /* of the socket */
	int64_t limit; /* of a GET, milliseconds */
	bool started;  /* whether libcurl is initialised */
};

struct snapd_envelope {
	int status; /* the HTTP status, which the envelope repeats */
	cJSON *root;
	const cJSON *result; /* inside ROOT, never NULL */
};

/* ERROR_FORMAT when REPLY is not the JSON of an envelope, or contradicts itself. */
int snapd_envelope_read(
	const struct snapd_http *reply, struct snapd_envelope *ret, struct error *err);
void snapd_envelope_done(struct snapd_envelope *envelope);

/* Sends one request and reads its reply. PATH is made of constants, checked names and numbers. */
int snapd_ask(struct snapd *snapd, const char *path, const struct snapd_body *body, int64_t limit,
	struct snapd_http *ret, struct error *err);
int snapd_get(struct snapd *snapd, const char *path, struct snapd_envelope *ret, struct error *err);

/*
 * What snapd answers to REQUEST. A status from 400 on is a refusal, whatever the body is: snapd (or
 * Go's HTTP server, in plain text) did not carry it out. Any other answer than the 202 of a change, or
 * the aborted change itself, leaves that unknown: -1.
 */
int snapd_answer_read(const struct snapd_http *reply, const struct snapd_request *request,
	struct snapd_answer *ret, struct error *err);

/* Fails if NAME is not a valid snap name: ERROR_UNREACHABLE, because nothing is sent then. */
int snapd_name_check(const char *name, struct error *err);

/*
 * Whether TEXT is a revision as snapd writes them: a number above 0, of ten digits at most, or x and
 * such a number for one of a local build.
 */
bool snapd_revision_fine(const char *text);

/* Whether the SIZE bytes of NAME are the name of a service (snap/validate.go). */
bool snapd_service_fine(const char *name, size_t size);

/* For unexpected answers: ERROR_FORMAT with snapd's own message; code is the HTTP status. */
int snapd_unexpected(const struct snapd_envelope *envelope, struct error *err);

/* The text at KEY in OBJECT, "" if there is none. Borrowed from OBJECT, which may be NULL. */
const char *snapd_json_text(const cJSON *object, const char *key);
bool snapd_json_true(const cJSON *object, const char *key);

/*
 * A number from 0 to 2^53, without its fraction; and a change id, which is a decimal string, from 1
 * to 2^53. 0 for anything else.
 */
int64_t snapd_json_count(const cJSON *object, const char *key);
int64_t snapd_json_id(const cJSON *object, const char *key);

/*
 * The time that TEXT is, as RFC 3339 writes it, with or without fractions: seconds since 1970 in UTC,
 * the fractions left out. 0 for anything else.
 */
int64_t snapd_time(const char *text);

/*
 * Appends LENGTH bytes of TEXT to the text in RET (SIZE bytes), cut between two characters. Each run of
 * blanks, newlines and control bytes becomes one blank. A blank goes in front unless GLUE is set.
 */
void snapd_line_add(char *ret, size_t size, const char *text, size_t length, bool glue);

/* Writes TEXT to RET as one line. */
void snapd_line(char *ret, size_t size, const char *text);

/* The same for the text of a failure: what tells the cause stays (base/cause.h). */
void snapd_cause(char *ret, size_t size, const char *text);

#endif
