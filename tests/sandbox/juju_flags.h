/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines by the rules of Juju's gnuflag: flags may be between arguments, "--" ends the
 * flags, and a single "-" is an argument. The forms are --flag=value, --flag value, -x value,
 * -xvalue and -ab. The error texts are Juju's.
 */
#ifndef SANDBOX_JUJU_FLAGS_H
#define SANDBOX_JUJU_FLAGS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"

struct juju_flag {
	const char *name; /* as typed, without dashes; one letter for the short form */
	const char *key;  /* what it is stored as; several names may share a key */
	bool value;       /* takes a value */
};

struct juju_flags {
	cJSON *values; /* key -> array of texts, "true" for a flag without value */
	char **args;   /* the arguments, NULL at the end; the texts are argv's */
	int nargs;
};

/*
 * TABLE ends with a NULL name. ARGV does not hold the command's name. Flags after the first
 * argument are arguments when INTERSPERSED is false. -1 with ERR set for a bad command line; a
 * call for help is the flag "help".
 */
int juju_flags_parse(struct juju_flags *ret, const struct juju_flag *table, bool interspersed,
	char **argv, struct error *err);
void juju_flags_done(struct juju_flags *flags);

/* The last value given, or NULL. */
const char *juju_flag(const struct juju_flags *flags, const char *key);
long long juju_flag_number(const struct juju_flags *flags, const char *key, long long fallback);
/* All values given, never NULL. */
const cJSON *juju_flag_all(const struct juju_flags *flags, const char *key);

#endif
