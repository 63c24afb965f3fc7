/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in snapd: what it refuses, in which words, and which check comes first.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox_snapd_kit.h"
#include "tests/suite.h"

/* The answer in each situation: it comes from the first check that fails. */
struct expectation {
	const char *body;
	int status;
	const char *kind, *message;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void expect(const struct expectation *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *message = kit_post(rows[i].body, rows[i].status, rows[i].kind);

		if (rows[i].message)
			ck_assert_str_eq(message, rows[i].message);
	}
}

START_TEST(nothing_new_is_an_error)
{
	kit_install("latest/edge");
	(void)kit_post(
		"{'action':'refresh','channel':'latest/edge'}", 400, "snap-no-update-available");
	(void)kit_post("{'action':'refresh','channel':'edge'}", 400, "snap-no-update-available");
	(void)kit_post("{'action':'refresh','channel':''}", 400, "snap-no-update-available");
	ck_assert_str_eq(kit_value()->valuestring, "");
}
END_TEST

START_TEST(absent_snap_answers_by_action)
{
	static const struct expectation rows[] = {
		{ "{'action':'refresh','channel':'latest/edge'}", 400, "",
			"cannot refresh \"microsample\": snap \"microsample\" is not installed" },
		{ "{'action':'remove'}", 400, "snap-not-installed",
			"snap \"microsample\" is not installed" },
		{ "{'action':'switch','channel':'edge'}", 400, "snap-not-installed", NULL },
		{ "{'action':'disable'}", 400, "snap-not-installed", NULL },
		{ "{'action':'revert'}", 400, "",
			"cannot revert \"microsample\": no revision to revert to" },
		{ "{'action':'hold','time':'forever','hold-level':'general'}", 400, "", NULL },
		{ "{'action':'unhold'}", 202, "", NULL },
	};

	expect(rows, COUNT(rows));
	ck_assert_str_eq(
		kit_ask("GET", KIT_SNAP, NULL, 404, "snap-not-found"), "snap not installed");
}
END_TEST

START_TEST(bodies_are_read_as_go_reads_them)
{
	static const struct expectation rows[] = {
		{ "", 400, "", "cannot decode request body into snap instruction: EOF" },
		{ "{'action':'install', ", 400, "",
			"cannot decode request body into snap instruction: unexpected EOF" },
		{ "[]", 400, "",
			"cannot decode request body into snap instruction: json: cannot unmarshal "
			"array into Go value of type daemon.snapInstruction" },
		{ "{'action':'install','channel':5}", 400, "",
			"cannot decode request body into snap instruction: json: cannot unmarshal "
			"number into Go struct field "
			"snapInstruction.snapRevisionOptions.channel of type string" },
		{ "{'action':'install','revision':'abc'}", 400, "",
			"cannot decode request body into snap instruction: invalid snap revision: "
			"\"\\\"abc\\\"\"" },
		{ "{}", 400, "", "unknown action " },
		{ "{'action':'Refresh'}", 400, "", "unknown action Refresh" },
		{ "{'action':'remove','bogus':1} and more", 400, "snap-not-installed", NULL },
		{ "{'action':'hold'}", 400, "", "hold action requires a non-empty time value" },
	};

	expect(rows, COUNT(rows));
}
END_TEST

START_TEST(channels_are_looked_at_before_anything_else)
{
	static const char *const channels[][2] = {
		{ "bad//chan", "invalid risk in channel name: bad//chan" },
		{ "latest/edgy", "invalid risk in channel name: latest/edgy" },
		{ "latest/ edge", "invalid risk in channel name: latest/ edge" },
		{ "a/b/c", "invalid risk in channel name: a/b/c" },
		{ "latest/", "invalid risk in channel name: latest/" },
		{ "Latest/Edge", "invalid risk in channel name: Latest/Edge" },
		{ "/edge", "invalid track in channel name: /edge" },
		{ "edge/", "invalid branch in channel name: edge/" },
		{ "a/edge/b/c", "channel name has too many components: a/edge/b/c" },
	};

	kit_do("{'do':'seeded','value':false}");
	for (size_t i = 0; i < COUNT(channels); i++) {
		CLEANUP(cleanup_free)
		char *body = alloc_textf("{'action':'refresh','channel':'%s'}", channels[i][0]);

		ck_assert_str_eq(kit_post(body, 400, ""), channels[i][1]);
	}
}
END_TEST

START_TEST(missing_channel_lists_what_there_is)
{
	const cJSON *value;
	CLEANUP(cleanup_free) char *text = NULL;

	(void)kit_ask("POST", "/v2/snaps/microother",
		"{'action':'install','channel':'latest/stable/hotfix'}", 404,
		"snap-channel-not-available");
	value = kit_value();
	text = cJSON_PrintUnformatted(value);
	ck_assert_str_eq(text,
		"{\"action\":\"install\",\"architecture\":\"amd64\","
		"\"channel\":\"latest/stable/hotfix\",\"releases\":[{\"architecture\":\"amd64\","
		"\"channel\":\"edge\"}],\"snap-name\":\"microother\"}");
	(void)kit_post("{'action':'install','channel':'edgy'}", 404, "snap-channel-not-available");
	ck_assert_int_eq(
		cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(kit_value(), "releases")), 11);
}
END_TEST

START_TEST(checks_come_before_the_conflict)
{
	static const struct expectation early[] = {
		{ "{'action':'install','channel':'latest/edge'}", 409, "snap-change-conflict",
			"snap \"microsample\" has \"install-snap\" change in progress" },
		{ "{'action':'refresh','channel':'latest/edge'}", 400, "", NULL },
		{ "{'action':'remove'}", 400, "snap-not-installed", NULL },
	};
	static const struct expectation later[] = {
		{ "{'action':'refresh','channel':'latest/edge'}", 409, "snap-change-conflict",
			"snap \"microsample\" has \"refresh-snap\" change in progress" },
		{ "{'action':'refresh','channel':'latest/stable'}", 400, "snap-no-update-available",
			NULL },
		{ "{'action':'refresh','channel':'9.9/stable'}", 404, "snap-channel-not-available",
			NULL },
		{ "{'action':'install','channel':'9.9'}", 400, "snap-already-installed", NULL },
		{ "{'action':'switch','channel':'edge'}", 409, "snap-change-conflict", NULL },
		{ "{'action':'remove'}", 409, "snap-change-conflict", NULL },
		{ "{'action':'hold','time':'forever','hold-level':'general'}", 202, "", NULL },
	};
	static const struct expectation unlinked[] = {
		{ "{'action':'refresh','channel':'latest/stable'}", 400, "",
			"cannot refresh \"microsample\": refreshing disabled snap \"microsample\" "
			"not supported" },
	};

	(void)kit_post("{'action':'install'}", 202, "");
	expect(early, COUNT(early));
	kit_do("{'do':'finish'}");
	(void)kit_post("{'action':'refresh','channel':'latest/beta'}", 202, "");
	expect(later, COUNT(later));
	ck_assert_str_eq(
		kit_ask("POST", "/v2/apps", "{'action':'stop','names':['microsample']}", 400, ""),
		"snap \"microsample\" has \"refresh-snap\" change in progress");
	kit_do("{'do':'step','n':16}");
	expect(unlinked, COUNT(unlinked));
}
END_TEST

START_TEST(already_installed_has_two_shapes)
{
	kit_install("latest/edge");
	(void)kit_post("{'action':'install'}", 400, "snap-already-installed");
	ck_assert_str_eq(kit_value()->valuestring, "microsample");
	kit_do("{'do':'like','value':'2.77'}");
	(void)kit_post("{'action':'install'}", 400, "snap-already-installed");
	ck_assert_str_eq(kit_value()->child->string, "snaps");
}
END_TEST

START_TEST(confinement_must_be_agreed_to)
{
	(void)kit_ask("POST", "/v2/snaps/microclassic", "{'action':'install'}", 400,
		"snap-needs-classic");
	(void)kit_ask(
		"POST", "/v2/snaps/microclassic", "{'action':'install','classic':true}", 202, "");
	(void)kit_ask("POST", "/v2/snaps/microdevmode", "{'action':'install'}", 400,
		"snap-needs-devmode");
	kit_do("{'do':'store','set':{'confinement':'classic'}}");
	(void)kit_post("{'action':'install'}", 400, "snap-needs-classic");
}
END_TEST

START_TEST(store_trouble_has_its_words)
{
	static const struct {
		const char *set, *kind, *message;
	} rows[] = {
		{ "\"down\":true", "",
			"cannot install \"microsample\": Post "
			"\"http://localhost:11028/v2/snaps/refresh\": dial tcp 127.0.0.1:11028: "
			"connect: connection refused" },
		{ "\"down\":false,\"status\":429", "",
			"cannot install \"microsample\": too many requests" },
		{ "\"status\":500", "",
			"cannot install \"microsample\": cannot query the store for updates: got "
			"unexpected HTTP status code 500 via POST to "
			"\"http://localhost:11028/v2/snaps/refresh\"" },
		{ "\"status\":200,\"timeout\":true", "network-timeout", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *message;

		kit_do("{'do':'store','set':{%s}}", rows[i].set);
		message = kit_post("{'action':'install'}", 400, rows[i].kind);
		if (rows[i].message)
			ck_assert_str_eq(message, rows[i].message);
	}
	kit_do("{'do':'store','set':{'timeout':false,'snap-missing':true}}");
	(void)kit_post("{'action':'install'}", 404, "snap-not-found");
}
END_TEST

START_TEST(unseeded_machine_refuses)
{
	kit_do("{'do':'seeded','value':false}");
	ck_assert_str_eq(kit_post("{'action':'install'}", 409, "snap-change-conflict"),
		"too early for operation, device not yet seeded or device model not acknowledged");
	ck_assert_str_eq(kit_value()->child->valuestring, "seed");
	(void)kit_ask(
		"GET", "/v2/snaps/system/conf?keys=seed.loaded", NULL, 400, "option-not-found");
	kit_do("{'do':'seeded','value':true}");
	ck_assert_str_eq(
		kit_member("/v2/snaps/system/conf?keys=seed.loaded", "seed.loaded"), "true");
}
END_TEST

START_TEST(stranger_may_look_and_not_touch)
{
	kit_do("{'do':'root','value':false}");
	(void)kit_ask("GET", "/v2/system-info", NULL, 200, "");
	(void)kit_post("{", 401, "login-required");
	kit_do("{'do':'root','value':true}");
	kit_do("{'do':'degraded','value':true}");
	(void)kit_ask("GET", "/v2/system-info", NULL, 200, "");
	(void)kit_post("{'action':'install'}", 500, "");
}
END_TEST

START_TEST(unknown_paths_and_methods_have_no_kind)
{
	ck_assert_str_eq(kit_ask("GET", "/v2/nonsense", NULL, 404, ""), "not found");
	ck_assert_str_eq(kit_ask("GET", KIT_SNAP "/", NULL, 404, ""), "not found");
	ck_assert_str_eq(
		kit_ask("DELETE", KIT_SNAP, NULL, 405, ""), "method \"DELETE\" not allowed");
	ck_assert_str_eq(
		kit_ask("POST", "/v2/system-info", "{}", 405, ""), "method \"POST\" not allowed");
	kit_do("{'do':'like','value':'2.77'}");
	ck_assert_str_eq(kit_ask("POST", "/v2/system-info", "{}", 400, ""), "no action");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox_snapd_refusals");
	TCase *tcase = kit_case("refusals");

	tcase_add_test(tcase, nothing_new_is_an_error);
	tcase_add_test(tcase, absent_snap_answers_by_action);
	tcase_add_test(tcase, bodies_are_read_as_go_reads_them);
	tcase_add_test(tcase, channels_are_looked_at_before_anything_else);
	tcase_add_test(tcase, missing_channel_lists_what_there_is);
	tcase_add_test(tcase, checks_come_before_the_conflict);
	tcase_add_test(tcase, already_installed_has_two_shapes);
	tcase_add_test(tcase, confinement_must_be_agreed_to);
	tcase_add_test(tcase, store_trouble_has_its_words);
	tcase_add_test(tcase, unseeded_machine_refuses);
	tcase_add_test(tcase, stranger_may_look_and_not_touch);
	tcase_add_test(tcase, unknown_paths_and_methods_have_no_kind);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
