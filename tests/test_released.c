/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Databases that the released charm wrote, in tests/released: a unit that is upgraded keeps its
 * history and its ownership, and goes on.
 *
 * Both units were deployed from edge and then set to beta. One is Ready there; the other was copied
 * while its refresh ran.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "tests/charm.h"
#include "tests/suite.h"

#define ROWS_OF_BEFORE "SELECT count(*) FROM journal WHERE channel = 'latest/edge'"

static struct charm charm;

/* The unit as 0.1.0 left it: its database, and no marker. */
static void become(const char *name)
{
	char *command =
		alloc_textf("unit=%s/agents/unit-microsample-0/charm; rm -f $unit/state.db-* "
			    "%s/microsample/common/.installed-by-microsample-vm; "
			    "cp %s/tests/released/%s $unit/state.db",
			charm.juju.dir, charm.data, getenv("top_srcdir"), name);

	ck_assert_msg(system(command) == 0, "%s", command);
	free(command);
	charm_forget(&charm);
}

static void set_up(void)
{
	charm_open(&charm, "2.68");
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
}

static void tear_down(void)
{
	charm_close(&charm);
}

static void expect_kept(const char *rows)
{
	charm_expect(&charm, "active", "Ready at 'beta'");
	charm_expect_sql(&charm, "PRAGMA user_version", "2");
	charm_expect_sql(&charm, ROWS_OF_BEFORE, rows);
	charm_expect_sql(&charm, "SELECT ours || ' ' || marked FROM record", "yes yes");
	charm_expect_sql(&charm, "SELECT order_kind || ' ' || hold_ours FROM record", "none no");
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(!charm_snap_present(&charm));
}

START_TEST(ready_unit_stays_ready)
{
	charm_config(&charm, "beta");
	become("ready-0.1.0.db");
	ck_assert_int_eq(charm_hook(&charm, "upgrade-charm"), 0);
	ck_assert_int_eq(charm_posts(&charm), 0);
	expect_kept("5");
}
END_TEST

/* snapd has forgotten the change meanwhile, and the snap is where it was before. */
START_TEST(unit_that_was_refreshing_goes_on)
{
	become("refreshing-0.1.0.db");
	charm_config(&charm, "beta");
	ck_assert_int_eq(charm_posts(&charm), 1);
	expect_kept("5");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("released");
	TCase *tests = charm_case(suite, "released", set_up, tear_down);

	tcase_add_test(tests, ready_unit_stays_ready);
	tcase_add_test(tests, unit_that_was_refreshing_goes_on);
	return run_suite(suite);
}
