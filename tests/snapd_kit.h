/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of the client: one beside a socket that answers what a test says.
 */
#ifndef TESTS_SNAPD_KIT_H
#define TESTS_SNAPD_KIT_H

#include "snapd/snapd.h"
#include "tests/canned.h"

static struct canned *canned;
static struct snapd *snapd;
static struct error err;

static void set_up(void)
{
	canned = canned_start();
	snapd = snapd_open(canned_path(canned));
	err = (struct error){ 0 };
}

static void tear_down(void)
{
	snapd_close(snapd);
	canned_stop(canned);
}

static void reply(int status, const char *text)
{
	canned_answer(canned, status, text);
}

#endif
