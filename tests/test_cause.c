/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cause of a failure survives every cut on its way from snapd's answer to the 90 bytes of a
 * status. The answers go through the client and the record, as they do in the charm.
 */
#include "base/cause.h"

#include <cjson/cJSON.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "snapd/snapd.h"
#include "tests/canned.h"
#include "tests/causes.h"
#include "tests/fsm_kit.h"

enum {
	RECORDING_MAX = 16 * 1024 * 1024,
	FAILED_AT = 1750000000,
};

static const char tasks[] = "cannot perform the following tasks:\n- ";
static struct canned *canned;
static struct snapd *snapd;

static void set_up(void)
{
	canned = canned_start();
	snapd = snapd_open(canned_path(canned));
}

static void tear_down(void)
{
	snapd_close(snapd);
	canned_stop(canned);
}

/* What stands in the recordings for a value that differs from run to run. */
static char *filled_in(const char *text)
{
	static const char *const values[][2] = {
		{ "<url>",
			"http://localhost:11028/v2/snaps/info/microsample?architecture=amd64&"
			"fields=architectures%2Cbase%2Cconfinement%2Clinks%2Ccontact%2C"
			"created-at%2Cdescription%2Cdownload%2Cepoch%2Clicense%2Cname%2Cprices%2C"
			"private%2Cpublisher%2Crevision%2Csnap-id%2Csummary%2Ctitle%2Ctype%2C"
			"version%2Cwebsite%2Cstore-url%2Cresources%2Cmedia%2Ccommon-ids" },
		{ "<address>", "127.0.0.1:11028" },
		{ "<text>", "api.snapcraft.invalid on 10.255.255.53:53" },
		{ "<id>", "139" },
	};
	struct buf ret;

	buf_init(&ret, RECORDING_MAX);
	while (*text) {
		int i = 0;

		while (i < COUNT(values) && strncmp(text, values[i][0], strlen(values[i][0])) != 0)
			i++;
		ck_assert_int_eq(
			i < COUNT(values) ? buf_adds(&ret, values[i][1]) : buf_add(&ret, text, 1),
			0);
		text += i < COUNT(values) ? strlen(values[i][0]) : 1;
	}
	return ret.data;
}

/* Sets RESULT as the answer of snapd; RESULT is freed. */
static void answer(int status, cJSON *result)
{
	CLEANUP(cleanup_free) char *text = cJSON_PrintUnformatted(result);
	CLEANUP(cleanup_free) char *filled = filled_in(text);
	CLEANUP(cleanup_free)
	char *http = alloc_textf(
		"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
		"{\"type\":\"%s\",\"status-code\":%d,\"result\":%s}",
		status, status < 400 ? "sync" : "error", status, filled);

	canned_bytes(canned, CANNED_CLOSE, http, strlen(http));
	cJSON_Delete(result);
}

/* The words of ROW are in the record's detail and in its status, which is returned. */
static struct fsm_status_line must_say(const struct cause_row *row, const struct fsm_record *record)
{
	struct fsm_status_line line = fsm_status_line(record, "");

	for (int i = 0; i < COUNT(row->words) && row->words[i]; i++) {
		CLEANUP(cleanup_free) char *words = filled_in(row->words[i]);

		ck_assert_msg(strstr(record->detail, words), "'%s' is not in '%s'", words,
			record->detail);
		ck_assert_msg(
			strstr(line.message, words), "'%s' is not in '%s'", words, line.message);
	}
	ck_assert_uint_le(strlen(line.message), 90);
	return line;
}

/* The status of a unit whose request failed for REASON, with its record's DETAIL. */
static void status_must_tell(
	const struct cause_row *row, enum fsm_reason reason, const char *detail, bool runs)
{
	struct fsm_record record = { .state = FSM_STATE_INSTALLING, .reason = reason };
	struct fsm_status_line line;

	strcpy(record.target.channel, "latest/beta");
	strcpy(record.revision, runs ? "3" : "");
	strcpy(record.tracking, runs ? "latest/edge" : "");
	strcpy(record.origin, record.tracking);
	record.serves = runs;
	fsm_failure_count(&record, FSM_OP_REFRESH, &record.target, FAILED_AT, "microsample/0");
	fsm_failure_note(&record,
		reason == FSM_REASON_TARGET_REFUSED ? FSM_REASON_REFRESH_FAILED : reason, detail,
		FAILED_AT, "microsample/0");
	strcpy(record.detail, record.failure.detail);
	line = must_say(row, &record);
	ck_assert_msg(strstr(line.message, "next try") || strstr(line.message, "each hook") ||
			      reason == FSM_REASON_TARGET_REFUSED,
		"no next try in '%s'", line.message);
}

static void must_tell(const struct cause_row *row, const enum fsm_reason *reasons, const char *text)
{
	for (; *reasons != FSM_REASON_NONE; reasons++) {
		status_must_tell(row, *reasons, text, true);
		status_must_tell(row, *reasons, text, false);
	}
}

static void refusal_must_tell(const struct cause_row *row, const char *message)
{
	static const enum fsm_reason reasons[] = { FSM_REASON_SNAPD_REFUSED,
		FSM_REASON_STORE_TROUBLE, FSM_REASON_STORE_TIMEOUT, FSM_REASON_CONFLICT,
		FSM_REASON_REMOVAL_REFUSED, FSM_REASON_NONE };
	struct snapd_answer seen;
	struct error err;
	cJSON *result = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(result, "message", message);
	answer(400, result);
	ck_assert_int_eq(
		snapd_post(snapd, "microsample",
			&(struct snapd_request){ .action = "refresh", .channel = "latest/beta" },
			5000, &seen, &err),
		0);
	must_tell(row, reasons, cause_words(seen.message));
}

/* It answers a look so, and whoever waits for it sees the cause, the last of the words. */
static void silence_must_tell(const struct cause_row *row, const char *message)
{
	bool two = row->words[1] != NULL;
	struct cause_row cause = { .words = { row->words[two] } };
	struct fsm_record record = { .state = FSM_STATE_INSTALLING,
		.reason = FSM_REASON_SNAPD_AWAY };
	static struct snapd_snap seen; /* large */
	cJSON *result = cJSON_CreateObject();
	struct error err;

	(void)cJSON_AddStringToObject(result, "message", message);
	answer(500, result);
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &seen, &err), -1);
	ck_assert_int_eq(strncmp(err.text, "snapd answered", 14), 0);
	(void)snprintf(record.detail, sizeof record.detail, "it %s", err.text + 6);
	(void)must_say(&cause, &record);
}

/* CHANGE is freed. */
static void change_must_tell(const struct cause_row *row, cJSON *change)
{
	static const enum fsm_reason reasons[] = { FSM_REASON_CHANGE_FAILED,
		FSM_REASON_REFRESH_FAILED, FSM_REASON_REMOVAL_FAILED, FSM_REASON_TARGET_REFUSED,
		FSM_REASON_NONE };
	struct snapd_change seen;
	struct error err;

	answer(200, change);
	ck_assert_int_eq(snapd_get_change(snapd, 139, &seen, &err), 0);
	must_tell(row, reasons, seen.error);
}

static void row_must_tell(const struct cause_row *row)
{
	cJSON *change;

	if (strncmp(row->text, tasks, strlen(tasks)) != 0) {
		refusal_must_tell(row, row->text);
		silence_must_tell(row, row->text);
		return;
	}
	change = cJSON_Parse("{\"id\":\"139\",\"status\":\"Error\",\"ready\":true}");
	(void)cJSON_AddStringToObject(change, "err", row->text);
	change_must_tell(row, change);
}

START_TEST(recorded_cause_is_in_the_status)
{
	row_must_tell(&recorded_causes[_i]);
}
END_TEST

/* clang-format off */
#define TASKS(failures) "cannot perform the following tasks:\n- " failures
#define POST "cannot install \"microsample\": Post \"https://store.example/v2/snaps/refresh\": "
enum {
	NETWORK_TROUBLES = 12, /* the first rows: such ones used to give one and the same line */
};
static const struct cause_row other_causes[] = {
	{ POST "proxyconnect tcp: dial tcp 192.0.2.1:3128: connect: refused",
	  { "proxyconnect tcp: ", "connect: refused" } },
	{ POST "x509: certificate signed by unknown authority",
	  { "certificate signed by unknown authority" } },
	{ POST "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: "
	  "current time 2026-11-25T20:39:38Z is after 2025-01-01T00:00:00Z",
	  { "is after 2025-01-01T00:00:00Z" } },
	{ POST "dial tcp: lookup store.example: no such host", { "lookup store.example", "no such host" } },
	{ POST "dial tcp: lookup store.example on 127.0.0.53:53: server misbehaving", { "server misbehaving" } },
	{ POST "dial tcp 192.0.2.1:443: connect: no route to host", { "no route to host" } },
	{ POST "dial tcp [2001:db8::1]:443: connect: network is unreachable", { "network is unreachable" } },
	{ POST "dial tcp 192.0.2.1:443: i/o timeout", { "i/o timeout" } },
	{ POST "read tcp 192.0.2.7:54321->192.0.2.1:443: read: connection reset by peer",
	  { "connection reset by peer" } },
	{ POST "proxyconnect tcp: tls: first record does not look like a TLS handshake",
	  { "does not look like a TLS handshake" } },
	{ POST "Proxy Authentication Required", { "Proxy Authentication Required" } },
	{ POST "EOF", { "EOF" } },
	/* What a task failed for stands in the innermost parenthesis. */
	{ TASKS("Mount snap \"microsample\" (3) (not allowed by a rule of interface \"i\")"),
	  { "not allowed by a rule of interface \"i\"" } },
	{ TASKS("Fetch and check assertions for snap \"microsample\" (3) (cannot verify snap: no "
		"matching signature found (try again later))"),
	  { "signature found (try again later)" } },
	{ TASKS("Run configure hook of \"microsample\" snap if present (run hook \"configure\": port "
		"must be a number)"),
	  { "configure", "port must be a number" } },
	{ TASKS("Run post-refresh hook of \"microsample\" snap if present (run hook \"post-refresh\": "
		"\n-----\nTraceback (most recent call last):\n  File \"/snap/microsample/3/hook\", line "
		"7, in <module>\nKeyError: 'PORT'\n-----)"),
	  { "KeyError: 'PORT'" } },
	{ TASKS("Download snap \"microsample\" (3) from channel \"latest/beta\" (Get "
		"\"https://store.example/download/microsample_3.snap?token=0123456789\": tls: handshake "
		"failure)"),
	  { "tls: handshake failure" } },
	/* A remedy in snapd's own words stays. */
	{ "cannot refresh \"microsample\": snap \"microsample\" assumes unsupported features: snapd9.99 "
	  "(try to refresh snapd)",
	  { "snapd9.99 (try to refresh snapd)" } },
	{ "system does not fully support snapd: cannot mount squashfs image using \"squashfs\"; run: "
	  "snap refresh snapd",
	  { "snap refresh snapd" } },
	{ "cannot install snap \"microsample\": forbidden by rule set 16/acme/fleet/3",
	  { "forbidden by rule set 16/acme/fleet/3" } },
	{ "cannot refresh \"microsample\" to new revision 5 with epoch 2, because it can't read the "
	  "current epoch of 0",
	  { "can't read the current epoch of 0" } },
	{ "cannot refresh \"microsample\": snap \"microsample\" has running apps (microsample), pids: "
	  "1234,5678",
	  { "(microsample), pids: 1234,5678" } },
	/* nobody's form */
	{ "cannot: ", { "cannot:" } },
	{ "cannot \"x\": y", { "y" } },
	{ "cannot install \"x: y", { "cannot install \"x: y" } },
	{ "(((((( no end", { "no end" } },
	{ "one )))))) two :)", { "two :)" } },
};
/* clang-format on */

START_TEST(cause_of_the_same_family_is_in_the_status)
{
	row_must_tell(&other_causes[_i]);
}
END_TEST

START_TEST(each_trouble_of_a_network_has_a_line_of_its_own)
{
	char lines[NETWORK_TROUBLES][FSM_STATUS_MAX + 1];

	for (int i = 0; i < NETWORK_TROUBLES; i++) {
		struct fsm_record record = { .reason = FSM_REASON_STORE_TROUBLE };

		strcpy(record.origin, "latest/edge");
		record.serves = true;
		fsm_failure_note(&record, record.reason, cause_words(other_causes[i].text),
			FAILED_AT, "microsample/0");
		strcpy(record.detail, record.failure.detail);
		strcpy(lines[i], fsm_status_line(&record, "").message);
		for (int before = 0; before < i; before++)
			ck_assert_str_ne(lines[i], lines[before]);
	}
	ck_assert_str_eq(lines[0], "Snap Store trouble: proxyconnect tcp: connect: refused; next "
				   "try 15:08 UTC; 'edge' runs");
}
END_TEST

static const struct cause_row *row_of(const char *text)
{
	for (int i = 0; i < COUNT(recorded_causes); i++)
		if (strcmp(recorded_causes[i].text, text) == 0)
			return &recorded_causes[i];
	ck_abort_msg("recorded, and not in tests/causes.h: %s", text);
	return NULL;
}

/* A change as it was recorded, without the times that were taken out of it. */
static int changes_in(const cJSON *node)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(node, "err"));
	cJSON *copy;

	if (!text || !cJSON_IsTrue(cJSON_GetObjectItem(node, "ready")))
		return 0;
	copy = cJSON_Duplicate(node, true);
	(void)cJSON_ReplaceItemInObject(copy, "id", cJSON_CreateString("139"));
	change_must_tell(row_of(text), copy);
	return 1;
}

static int failures_in(const cJSON *node)
{
	const char *type = cJSON_GetStringValue(cJSON_GetObjectItem(node, "type"));
	const char *message = cJSON_GetStringValue(
		cJSON_GetObjectItem(cJSON_GetObjectItem(node, "result"), "message"));
	const cJSON *item;
	int ret = changes_in(node);

	if (message && type && strcmp(type, "error") == 0) {
		refusal_must_tell(row_of(message), message);
		ret++;
	}
	cJSON_ArrayForEach(item, node) ret += failures_in(item);
	return ret;
}

static cJSON *read_recording(const char *name)
{
	CLEANUP(cleanup_free)
	char *path = alloc_textf("%s/tests/recordings/%s.json", getenv("top_srcdir"), name);
	CLEANUP(cleanup_free) char *text = alloc_new(RECORDING_MAX, 1);
	FILE *file = fopen(path, "r");
	cJSON *ret;

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_lt(fread(text, 1, RECORDING_MAX - 1, file), RECORDING_MAX - 1);
	(void)fclose(file);
	ret = cJSON_Parse(text);
	ck_assert_ptr_nonnull(ret);
	return ret;
}

START_TEST(every_recorded_failure_is_told)
{
	static const struct {
		const char *name;
		int failures;
	} names[] = {
		{ "2.68.3", 154 },
		{ "2.77.1", 145 },
		{ "2.68.3-more", 1 },
		{ "2.77.1-more", 1 },
	};
	cJSON *recording = read_recording(names[_i].name);

	ck_assert_int_ge(failures_in(recording), names[_i].failures);
	cJSON_Delete(recording);
}
END_TEST

START_TEST(text_that_fits_is_left_alone)
{
	char ret[64];

	ck_assert(cause_fit(ret, 64, POST "EOF")); /* the URL is not of the words */
	ck_assert_str_eq(ret, "cannot install \"microsample\": EOF");
	ck_assert(cause_fit(ret, 32, POST "EOF"));
	ck_assert_str_eq(ret, "...install \"microsample\": EOF");
	ck_assert(!cause_fit(ret, 32, POST "certificate signed by unknown authority"));
	ck_assert_str_eq(ret, "...signed by unknown authority");
	ck_assert(cause_fit(ret, 20, "Post \"https://x\": y"));
	ck_assert_str_eq(ret, "Post \"https://x\": y");
	ck_assert(cause_fit(ret, 19, "Post \"https://x\": y")); /* one byte less: no words go */
	ck_assert_str_eq(ret, "y");
	ck_assert(cause_fit(ret, 64, ""));
	ck_assert_str_eq(ret, "");
}
END_TEST

/* clang-format off */
static const struct {
	size_t room;
	const char *text, *cut;
} cuts[] = {
	/* the task is named where there is room, and what is left out of the middle shows */
	{ 48, "Start it (systemctl failed with exit status 1: because a process exited)",
	  "Start it (...status 1: because a process exited)" },
	{ 40, "Start it (systemctl failed with exit status 1: because a process exited)",
	  "Start it: ...: because a process exited" },
	{ 30, "Start it (systemctl failed with exit status 1: because a process exited)",
	  "because a process exited" },
	{ 20, "Start it (systemctl failed with exit status 1: because a process exited)",
	  "...a process exited" },
	{ 27, "first: a very very very long one: third: fourth: fifth", "third: fourth: fifth" },
	{ 32, "first: abcdefghijklmnopqrstuvw: third: fourth: fifth", "first: ...: third: fourth: fifth" },
	{ 16, "0123456789012345678901234567890", "...8901234567890" },
	{ 17, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac",
	  "...\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac" },
};
/* clang-format on */

START_TEST(what_is_furthest_from_the_cause_goes_first)
{
	char ret[64];

	(void)cause_fit(ret, cuts[_i].room + 1, cuts[_i].text);
	ck_assert_str_eq(ret, cuts[_i].cut);
}
END_TEST

static void add_any(struct buf *text)
{
	static const char *const pieces[] = { "(", ")", " (", ": ", " ", "\"", "://", " via ",
		". See ", " when trying to ", "word", "dial ", "Get \"", "stderr", "\xe2\x82\xac",
		"\xc3\xa4", "\n", "\x1b[2J", "- ", "-----", "cannot " };

	ck_assert_int_eq(buf_adds(text, pieces[rand() % COUNT(pieces)]), 0);
}

START_TEST(any_text_is_cut_within_bounds_and_between_characters)
{
	char ret[256];

	srand(20261126);
	for (int i = 0; i < 2000; i++) {
		CLEANUP(buf_done) struct buf text;
		size_t size = 16 + (size_t)rand() % 240;

		buf_init(&text, RECORDING_MAX);
		for (int pieces = rand() % 200; pieces > 0; pieces--)
			add_any(&text);
		memset(ret, 'x', sizeof ret);
		(void)cause_fit(ret, size, buf_text(&text));
		ck_assert_ptr_nonnull(memchr(ret, '\0', size));
		ck_assert_uint_ne((unsigned char)ret[0] & 0xc0, 0x80);
		ck_assert_int_eq(*ret == '\0', text.len == 0);
		ck_assert_ptr_nonnull(cause_words(buf_text(&text)));
	}
}
END_TEST

START_TEST(text_of_megabytes_is_cut_at_once)
{
	static const char *const pieces[] = { ": ", ")", "(", " via ", ". See ", "a ", "x", " (",
		"\x8b" };
	size_t size = 8 * 1024 * 1024, length = strlen(pieces[_i]);
	CLEANUP(cleanup_free) char *text = alloc_new(size + 1, 1);
	char ret[91];

	for (size_t i = 0; i < size; i++)
		text[i] = pieces[_i][i % length];
	(void)cause_fit(ret, sizeof ret, text);
	ck_assert_uint_le(strlen(ret), 90);
}
END_TEST

/* Bytes that begin no character are no reason to lose the text, or the way. */
START_TEST(broken_characters_are_cut_like_any_other)
{
	char text[200], ret[91];

	memset(text, 0x8b, sizeof text - 1);
	text[sizeof text - 1] = '\0';
	for (size_t size = 16; size <= sizeof ret; size++) {
		(void)cause_fit(ret, size, text);
		ck_assert_uint_gt(strlen(ret), 0);
		ck_assert_uint_lt(strlen(ret), size);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cause");
	TCase *texts = tcase_create("texts"), *answers = tcase_create("answers");

	tcase_add_test(texts, text_that_fits_is_left_alone);
	tcase_add_loop_test(texts, what_is_furthest_from_the_cause_goes_first, 0, COUNT(cuts));
	tcase_add_test(texts, any_text_is_cut_within_bounds_and_between_characters);
	tcase_add_loop_test(texts, text_of_megabytes_is_cut_at_once, 0, 9);
	tcase_add_test(texts, broken_characters_are_cut_like_any_other);
	tcase_add_checked_fixture(answers, set_up, tear_down);
	tcase_add_loop_test(answers, recorded_cause_is_in_the_status, 0, COUNT(recorded_causes));
	tcase_add_loop_test(
		answers, cause_of_the_same_family_is_in_the_status, 0, COUNT(other_causes));
	tcase_add_test(answers, each_trouble_of_a_network_has_a_line_of_its_own);
	tcase_add_loop_test(answers, every_recorded_failure_is_told, 0, 4);
	suite_add_tcase(suite, texts);
	suite_add_tcase(suite, answers);
	return run_suite(suite);
}
