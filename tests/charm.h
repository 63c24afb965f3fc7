/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the whole charm: the stand-in Juju deploys the real program from the build's charm tree,
 * beside a stand-in snapd. All three use one virtual clock.
 */
#ifndef TESTS_CHARM_H
#define TESTS_CHARM_H

#include <check.h>
#include <cjson/cJSON.h>
#include <stdbool.h>

#include "tests/sandbox/clock.h"
#include "tests/sandbox/juju_proc.h"
#include "tests/sandbox/snapd_proc.h"
#include "tests/suite.h"

#define UNIT "microsample/0"

struct charm {
	char dir[64]; /* for this test only: sockets, clock; removed at the end */
	char clock_path[96];
	char data[96];          /* of the snaps */
	const char *options[7]; /* of the stand-in snapd */
	struct sandbox_clock *clock;
	struct snapd_proc snapd;
	struct juju_proc juju;
	pid_t waker; /* the service of the waker, stopped between two calls of charm_wake(); 0: none runs */
};

/* LIKE: the version of snapd, "2.68" or "2.77". */
void charm_open(struct charm *charm, const char *like);
void charm_close(struct charm *charm);

/* Opens it and deploys: Ready at 'edge', and what that cost is not counted. */
void charm_open_ready(struct charm *charm, const char *like);

/* The models of this process from here on are of the Juju that LIKE names, "3.6" or "4.0", unless
 * $SANDBOX_JUJU_LIKE was set when it began. */
void charm_juju(const char *like);

/* How often Juju runs config-changed for one `juju config`. */
int charm_tells(void);

/* Runs what SUITE makes on each Juju, or on that of $SANDBOX_JUJU_LIKE, for main() to return. */
int charm_run(Suite *(*suite)(void));

/* A test case of SUITE whose time limit is long enough for whole hooks, between OPEN and CLOSE. */
TCase *charm_case(Suite *suite, const char *name, void (*open)(void), void (*close)(void));

/* juju deploy of the built tree; OPTION is "channel=..." or NULL. Returns the exit code. */
int charm_deploy(struct charm *charm, const char *option);

/* The same as another APPLICATION on the same machine. */
int charm_deploy_as(struct charm *charm, const char *application, const char *option);
/* The same with a file for a resource: "NAME=PATH". */
int charm_deploy_file(struct charm *charm, const char *pair);

/* juju config microsample channel=CHANNEL. */
void charm_config(struct charm *charm, const char *channel);

/* One hook, and its exit code. */
int charm_hook(struct charm *charm, const char *hook);
int charm_tick(struct charm *charm); /* update-status */

/*
 * Runs the waker, if a hook has had systemd start one, until SECONDS have passed or it ends: whether it
 * lives. What it sleeps moves the clock, and what it has juju-exec do runs. No test runs a waker that
 * does not call this.
 */
bool charm_wake(struct charm *charm, long long seconds);
/* Whether a hook has had systemd start a waker that has not ended. */
bool charm_wakes(struct charm *charm);
/* How often juju-exec ran something in the unit since the last charm_forget(). */
int charm_woken(struct charm *charm);

/* Moves the clock on by SECONDS. */
void charm_pass(struct charm *charm, long long seconds);

/* Sends snapd a control command, which must succeed; ignores its answer. */
void charm_ctl(struct charm *charm, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A number from the answer to a control command, by key. */
long charm_number(struct charm *charm, const char *command, const char *key);
long charm_posts(struct charm *charm);        /* POSTs that snapd got */
long charm_requests(struct charm *charm);     /* requests of any kind */
long charm_changes(struct charm *charm);      /* changes made by POSTs */
long charm_changes_done(struct charm *charm); /* of these, Done with something done */
void charm_forget(struct charm *charm);       /* starts these counts again */

/* The installed snap's text FIELD (revision, version, tracking...) by its GET; "" when absent. */
bool charm_snap_present(struct charm *charm);

/* `./state` by juju exec: what it printed, to be freed, and its exit code. */
char *charm_state(struct charm *charm, const char *arguments, int *ret_code);

/* Of the TASK that `juju run --format json` prints for the unit, a text by key, and one of its results. */
const char *charm_told(const cJSON *task, const char *key);
const char *charm_result(const cJSON *task, const char *key);

/* One value of the database by SQL, to be freed. */
char *charm_sql(struct charm *charm, const char *query);

/* How many rows of the journal have TEXT in their detail. */
int charm_rows(struct charm *charm, const char *text);

/* Checks that this value is EXPECTED. */
void charm_expect_sql(struct charm *charm, const char *query, const char *expected);

/* After SKIP more, the next TIMES GETs of the snap are answered with ANSWER, whatever there is. */
void charm_show_snap(struct charm *charm, const cJSON *answer, int skip, int times);

/* Whether the log holds TEXT in a line of at least LEVEL. */
bool charm_logged(struct charm *charm, const char *level, const char *text);

/* Checks what juju shows of the unit; the whole texts must match. */
#define charm_expect(charm, status, message)                                                       \
	juju_assert_status(&(charm)->juju, UNIT, status, message)

/* Checks that the unit's message begins with TEXT. */
#define charm_expect_begin(charm, wanted_status, text)                                             \
	do {                                                                                       \
		cJSON *shown_ = juju_show(&(charm)->juju, UNIT);                                   \
		ck_assert_str_eq(juju_show_text(shown_, "status"), (wanted_status));               \
		ck_assert_msg(                                                                     \
			strncmp(juju_show_text(shown_, "message"), (text), strlen(text)) == 0,     \
			"message is \"%s\"", juju_show_text(shown_, "message"));                   \
		cJSON_Delete(shown_);                                                              \
	} while (0)

/* The version that juju status shows. */
#define charm_expect_version(charm, version)                                                       \
	do {                                                                                       \
		cJSON *shown_ = juju_show(&(charm)->juju, UNIT);                                   \
		ck_assert_str_eq(juju_show_text(shown_, "version"), (version));                    \
		cJSON_Delete(shown_);                                                              \
	} while (0)

#endif
