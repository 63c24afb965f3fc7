/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "tests/crash/world.h"

/* clang-format off */
/* Deployed and refreshed before, so snapd has old changes that could be mistaken for a new one. */
#define DEPLOYED "juju deploy", "juju config microsample channel=beta", \
	"juju config microsample channel=edge"
#define PLAIN  SCENARIO_PLAIN
#define ASKS   SCENARIO_ASKS
#define SELDOM SCENARIO_SELDOM
#define SNAP(set) "snapd {\"do\":\"snap\",\"name\":\"microsample\"," set "}"

/* The machine has no base, and there are two files. */
#define AWAY        "tar 7", "tar 8", "snapd {\"do\":\"snap\",\"name\":\"bare\",\"gone\":true}"
#define DEPLOY_FILE "juju deploy --resource snaps=7.tar"

#define CRASHING(more) \
	"snapd {\"do\":\"store\",\"set\":{\"channels\":{\"latest/beta\":{\"revision\":\"30\",\"quirk\":\"crash\"" more "}}}}"

const struct scenario scenarios[] = {
	{ "install",
		{ NULL },
		{ "juju deploy" }, ASKS },
	/* From the resource, with the base that the machine has not, and then to another file. */
	{ "file",
		{ AWAY },
		{ DEPLOY_FILE }, SCENARIO_WIDE },
	{ "file-newer",
		{ AWAY, DEPLOY_FILE },
		{ "juju attach-resource microsample snaps=8.tar" }, SCENARIO_WIDE },
	/* The snap is somebody else's, and stays his. */
	{ "file-of-another",
		{ AWAY, SNAP("\"set\":{\"revision\":\"3\",\"version\":\"3.0\",\"channel\":\"latest/edge\","
		  "\"tracking\":\"latest/edge\",\"id\":\"MicroSampleSnapId000000000000001\"}") },
		{ DEPLOY_FILE, "juju remove-unit microsample/0" }, SELDOM },
	{ "refresh",
		{ DEPLOYED },
		{ "juju config microsample channel=beta" }, ASKS },
	{ "bad-channel",
		{ DEPLOYED },
		{ "juju config microsample channel=foo", "juju config microsample channel=beta" }, ASKS },
	{ "missing-channel",
		{ DEPLOYED },
		{ "juju config microsample channel=9.9/edge" }, PLAIN },
	{ "missing-then-right",
		{ DEPLOYED },
		{ "juju config microsample channel=9.9/edge", "juju config microsample channel=beta" },
		SELDOM },
	{ "removal",
		{ DEPLOYED },
		{ "juju remove-unit microsample/0" }, ASKS },
	/* The last migration is undone; with only one schema, nothing is left then. */
	{ "upgrade-schema",
		{ DEPLOYED, "schema previous" },
		{ "juju refresh" }, PLAIN },
	/* One request, two of them, and one on a snap that stays. */
	{ "hold",
		{ DEPLOYED },
		{ "juju config microsample auto-refresh=false" }, ASKS },
	{ "pin",
		{ DEPLOYED },
		{ "juju config microsample revision=2" }, PLAIN },
	{ "pin-ends",
		{ DEPLOYED, "juju config microsample revision=2" },
		{ "juju config microsample channel=beta revision=0" }, SELDOM },
	{ "release",
		{ SNAP("\"set\":{\"channel\":\"latest/edge\",\"tracking\":\"latest/edge\"}"), "juju deploy",
		  "juju config microsample auto-refresh=false" },
		{ "juju remove-unit microsample/0" }, PLAIN },
	{ "order-refresh",
		{ DEPLOYED, "juju config microsample auto-refresh=false",
		  "snapd {\"do\":\"store\",\"set\":{\"channels\":{\"latest/edge\":{\"revision\":\"20\"}}}}" },
		{ "juju run microsample/0 refresh" }, PLAIN },
	{ "order-revert",
		{ DEPLOYED },
		{ "juju run microsample/0 revert" }, PLAIN },
	{ "order-restart",
		{ DEPLOYED },
		{ "juju run microsample/0 restart" }, PLAIN },
	/* It is tried again six hours after it was aborted. */
	{ "order-abort",
		{ DEPLOYED, "snapd {\"do\":\"mode\",\"manual\":true}", "juju config microsample channel=beta" },
		{ "juju run microsample/0 abort", "snapd {\"do\":\"mode\",\"manual\":false}",
		  "pass 300", "juju tick", "pass 30000", "juju tick" }, SELDOM },
	{ "upgrade-build",
		{ DEPLOYED, "build 0.0.1" },
		{ "juju refresh" }, PLAIN },
	/* Only the marker knows then whose the snap is. */
	{ "lost-database",
		{ DEPLOYED, "lose" },
		{ "juju tick", "juju remove-unit microsample/0" }, PLAIN },
	{ "drift-switched",
		{ DEPLOYED, SNAP("\"set\":{\"tracking\":\"latest/beta\"}") },
		{ "juju tick" }, ASKS },
	{ "drift-removed",
		{ DEPLOYED, SNAP("\"gone\":true") },
		{ "juju tick" }, ASKS },
	{ "auto-refresh",
		{ DEPLOYED },
		{ "snapd {\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"held\":true}",
		  "juju config microsample channel=beta", "snapd {\"do\":\"release\"}", "pass 300", "juju tick" }, PLAIN },
	{ "auto-refresh-alone",
		{ DEPLOYED, "snapd {\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"held\":true}" },
		{ "juju tick", "snapd {\"do\":\"release\"}", "pass 300", "juju tick" }, SELDOM },
	/* Its steps: refresh, revert, switch; and one service of two that a person had disabled. */
	{ "rollback",
		{ DEPLOYED, "juju config microsample rollback=true", CRASHING("") },
		{ "juju config microsample channel=beta", "pass 60", "juju tick" }, PLAIN },
	{ "rollback-of-two",
		{ "snapd {\"do\":\"store\",\"set\":{\"channels\":{\"latest/edge\":{\"services\":\"microsample,worker\"}}}}",
		  "juju deploy", "juju config microsample rollback=true",
		  SNAP("\"set\":{\"service\":{\"name\":\"worker\",\"enabled\":false,\"active\":false}}"),
		  CRASHING(",\"services\":\"microsample,worker\"") },
		{ "juju config microsample channel=beta", "pass 60", "juju tick" }, SELDOM },
	/* It alone is killed: beside another one, when the clock jumps, while nobody can be woken. */
	{ "waker",
		{ DEPLOYED, "snapd {\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"held\":true}", "juju tick" },
		{ "clock -86400", "wake beside", "juju fault juju-exec exit1 --times 1", "snapd {\"do\":\"release\"}",
		  "wake" }, PLAIN },
	{ "waker-of-refresh",
		{ DEPLOYED, "snapd {\"do\":\"mode\",\"manual\":true}", "juju config microsample channel=beta" },
		{ "snapd {\"do\":\"finish\"}", "wake" }, SELDOM },
	{ "waker-of-request",
		{ DEPLOYED, "snapd {\"do\":\"fault\",\"method\":\"POST\",\"path\":\"\",\"mode\":\"drop-unacted\"}",
		  "juju config microsample channel=beta" },
		{ "wake" }, SELDOM },
	{ "waker-of-snapd",
		{ DEPLOYED, "snapd {\"do\":\"away\",\"how\":\"refused\"}", "juju config microsample channel=beta" },
		{ "snapd {\"do\":\"back\"}", "wake" }, SELDOM },
	/* With the hook that starts it, and with the database away. */
	{ "waker-and-hook",
		{ DEPLOYED },
		{ "snapd {\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"held\":true}", "juju tick",
		  "snapd {\"do\":\"release\"}", "wake" }, SELDOM },
	{ "waker-of-nothing",
		{ DEPLOYED, "snapd {\"do\":\"mode\",\"manual\":true}", "juju config microsample channel=beta",
		  "snapd {\"do\":\"finish\"}" },
		{ "lose", "wake", "juju tick" }, SELDOM },
	/* Two units: the first one goes, one after the other, and while the other is in the middle of it. */
	{ "two-one-goes",
		{ DEPLOYED, "juju add-unit microsample" },
		{ "juju remove-unit " WORLD_UNIT, "juju tick " WORLD_SECOND }, SCENARIO_TWO },
	{ "two-go",
		{ DEPLOYED, "juju add-unit microsample" },
		{ "juju remove-unit " WORLD_UNIT, "juju remove-unit " WORLD_SECOND }, SCENARIO_TWO },
	{ "two-move",
		{ DEPLOYED, "juju add-unit microsample" },
		{ "juju config microsample channel=beta" }, SCENARIO_TWO },
	{ "failing-refresh",
		{ DEPLOYED, "snapd {\"do\":\"fail\",\"task\":\"link-snap\",\"log\":\"no\"}" },
		{ "juju config microsample channel=beta", "pass 300", "juju tick" }, PLAIN },
};

/* Without a trace for 90 s the charm takes a request for lost, a removal for 45; a late one comes before that. */
const struct fault faults[] = {
	{ "killed-unsent",   "\"kill-client\",\"when\":\"before\"" },
	{ "killed-acted",    "\"kill-client\",\"when\":\"acted\"" },
	{ "killed-unread",   "\"kill-client\",\"when\":\"answered\"" },
	{ "lost-unacted",    "\"drop-unacted\"" },
	{ "lost-acted",      "\"drop-acted\"" },
	{ "cut-short",       "\"eof-mid-body\"" },
	{ "acted-5s-late",   "\"act-late\",\"ms\":5000" },
	{ "acted-40s-late",  "\"act-late\",\"ms\":40000" },
};
/* clang-format on */

const size_t scenarios_count = sizeof scenarios / sizeof *scenarios;
const size_t faults_count = sizeof faults / sizeof *faults;

static long last_file(const char *const *lines, long ret)
{
	for (size_t i = 0; i < SCENARIO_LINES && lines[i]; i++) {
		const char *pair = strstr(lines[i], WORLD_FILE);

		if (pair)
			ret = strtol(pair + strlen(WORLD_FILE), NULL, 10);
	}
	return ret;
}

long scenario_file(const struct scenario *scenario)
{
	return last_file(scenario->steps, last_file(scenario->base, 0));
}

const struct scenario *scenario_find(const char *name)
{
	for (size_t i = 0; i < scenarios_count; i++)
		if (strcmp(scenarios[i].name, name) == 0)
			return &scenarios[i];
	return NULL;
}

const struct fault *fault_find(const char *name)
{
	for (size_t i = 0; i < faults_count; i++)
		if (strcmp(faults[i].name, name) == 0)
			return &faults[i];
	return NULL;
}
