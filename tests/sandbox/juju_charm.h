/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charms: what the controller takes in, and how the files of a unit are swapped by manifest.
 */
#ifndef SANDBOX_JUJU_CHARM_H
#define SANDBOX_JUJU_CHARM_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "tests/sandbox/juju_model.h"

/* The first document of a YAML file as JSON; plain words become what YAML 1.1 says. */
int juju_yaml_read(cJSON **ret, const char *path, struct error *err);

/*
 * Takes a charm folder or a .charm file into DIR/charms/NAME-REVISION as the controller does with
 * a local charm: modes become 0755 or 0644, build/, revision, version and VCS folders are dropped,
 * symlinks that leave the charm and special files are errors. RET: name, revision, options, peers,
 * bindings, base.
 */
int juju_charm_take(cJSON **ret, struct juju_model *model, const char *path, struct error *err);

/*
 * Brings the charm folder of UNIT to CHARM ("name-revision"): removes what only the old manifest
 * has, writes every file of the new one. What is in no manifest survives.
 */
int juju_charm_deploy(const char *dir, const char *unit, const char *charm, struct error *err);

/* What the walk over a charm tree calls for each entry; PATH is relative to the top. */
struct juju_walk {
	const char *top;
	int (*visit)(struct juju_walk *walk, const char *path, struct error *err);
	void *data;
};

/* Folders before what is in them, names in order. */
int juju_walk_tree(struct juju_walk *walk, const char *below, struct error *err);

#endif
