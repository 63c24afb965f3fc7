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
	JUJU_AS_CONFIGURED = -1,
	JUJU_WRONG_SIZE = 448, /* bytes of what is wrong with the options, all of them together */
	JUJU_PATH_MAX = 128,
};

/* The options of base/option.h as they are meant; all zeros when one of them is bad. */
struct juju_options {
	bool valid;
	char channel[CHANNEL_SIZE]; /* in full */
	int64_t revision;           /* 0: whatever the channel has */
	bool auto_refresh;
	char health_path[JUJU_PATH_MAX + 1]; /* as a request has it; "" for none */
	bool rollback;
	int64_t rollout_width; /* 0: no limit */
	bool rollout_pause;    /* after the first unit */
	/*
	 * Each bad option, in the order of the table, as base/option.h writes it, joined by "; ".
	 * Printable ASCII. Values are cut so that every option has its place; "" when all are valid.
	 */
	char wrong[JUJU_WRONG_SIZE];
};

/*
 * Reads the options. A bad value is an answer (RET->valid is false); only a configuration that cannot
 * be read is a failure. LIMIT is in milliseconds.
 */
int juju_options(int64_t limit, struct juju_options *ret, struct error *err);

/*
 * The same, with values that stand in for what is configured: CHANNEL, "" for none, and REVISION,
 * JUJU_AS_CONFIGURED for none.
 */
int juju_options_instead(int64_t limit, const char *channel, int64_t revision,
	struct juju_options *ret, struct error *err);

/* The same from the tool's output, SIZE bytes and a NUL behind them. */
int juju_options_read(const char *output, size_t size, struct juju_options *ret, struct error *err);

#endif
