/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the tests of the stand-in snapd: one running server, which is reset before every test,
 * and functions that ask it.
 */
#ifndef TESTS_SANDBOX_SNAPD_KIT_H
#define TESTS_SANDBOX_SNAPD_KIT_H

#include <check.h>
#include <stdbool.h>

#include "tests/sandbox/snapd_proc.h"

#define KIT_SNAP "/v2/snaps/microsample"

/* The server, and its own folder. */
extern struct snapd_proc kit;
extern char kit_dir[64];

/* A test case whose tests find KIT running and reset. Add it to a suite. */
TCase *kit_case(const char *name);

/* A control command, in the single quotes of snapd_proc_do(). */
#define kit_do(...) snapd_proc_do(&kit, __VA_ARGS__)

/* POSTs BODY (in single quotes too) to microsample; the answer must have STATUS and KIND ("" =
 * none). Returns its message, or the id of its change; good until the next call. */
const char *kit_post(const char *body, int status, const char *kind);

/* The same for any method and target; BODY may be NULL. */
const char *kit_ask(
	const char *method, const char *target, const char *body, int status, const char *kind);

/* POSTs the FORM, with files of DIR, as snapd_proc_send() takes them. */
const char *kit_send(const char *dir, const char *form, int status, const char *kind);

/* POSTs the assertions in the file NAME of DIR. */
const char *kit_acknowledge(const char *dir, const char *name, int status);

/* The whole answer to the last request, good until the next one. */
const cJSON *kit_answer(void);

/* A member of `result` in the answer to a GET of TARGET, as text; "" when it is not there. Good
 * until eight more calls were made. */
const char *kit_member(const char *target, const char *member);

/* The tasks of a change, a letter each: . Do, D Doing, + Done, u Undo, U Undoing, - Undone, H Hold,
 * A Abort, E Error, W Wait; then a blank and the status. */
const char *kit_tasks(const char *change);

/* The snap as "REVISION TRACKING active|installed SERVICE": SERVICE is "" or of "e" (enabled) and
 * "a" (active); or "none". */
const char *kit_snap(void);

/* An install from CHANNEL, accepted, and run to its end. */
void kit_install(const char *channel);

/* A number of {"do":"state"}. */
int kit_counter(const char *key);

#endif
