/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The charm's configuration, by one `config-get --format=json`.
 */
#ifndef JUJU_OPTIONS_H
#define JUJU_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/channel.h"
#include "base/error.h"

enum {
	JUJU_SHOWN_SIZE = 192, /* bytes of an option's value, made fit to be shown */
	JUJU_WRONG_SIZE = 64,  /* bytes of what is wrong with one */
};

/* The option `channel`, as it is and as it is meant. */
struct juju_option {
	bool valid;
	char shown[JUJU_SHOWN_SIZE]; /* the value, printable, in quotes; else why there is none */
	char channel[CHANNEL_SIZE];  /* in full; "" when not valid */
	/*
	 * What is wrong with the value: words that follow its name, like "is not set" or "has an
	 * empty part", printable ASCII; "" when it is valid.
	 */
	char wrong[JUJU_WRONG_SIZE];
};

/*
 * Reads the option. One that is no valid channel is an answer (RET->valid is false); only a
 * configuration that cannot be read is a failure. LIMIT is in milliseconds.
 */
int juju_option(int64_t limit, struct juju_option *ret, struct error *err);

/* The same from the tool's output, SIZE bytes and a NUL behind them. */
int juju_option_read(const char *output, size_t size, struct juju_option *ret, struct error *err);

#endif
