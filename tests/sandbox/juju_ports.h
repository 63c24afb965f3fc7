/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Port ranges as units hold them: an array of {from, to, protocol}.
 */
#ifndef SANDBOX_JUJU_PORTS_H
#define SANDBOX_JUJU_PORTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_model.h"

struct juju_range {
	int from;
	int to;
	char protocol[8]; /* tcp, udp, icmp (from and to are then -1) */
};

/* "8080", "8080/udp", "8080-8090/tcp", "icmp". */
int juju_range_read(struct juju_range *ret, const char *text, struct error *err);
void juju_range_text(char *ret, unsigned long size, const struct juju_range *range);

/* What a unit holds, as texts, sorted. */
cJSON *juju_ports_list(const cJSON *unit);
/* The same with the pending changes OPS (an array of {op, from, to, protocol}) done. */
cJSON *juju_ports_after(const cJSON *unit, const cJSON *ops);
void juju_ports_commit(cJSON *unit, const cJSON *ops);

/*
 * Whether opening RANGE on UNIT conflicts with another unit of the machine, or with another range
 * of its own. If so, adds what Juju then says.
 */
bool juju_ports_clash(struct buf *ret, const struct juju_model *model, const cJSON *unit,
	const cJSON *ops, const struct juju_range *range);

/* The Ports column: single ports in a row are one range. */
void juju_ports_column(struct buf *ret, const cJSON *unit);

#endif
