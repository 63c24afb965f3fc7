/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charms: how the controller stores them, and how the files of a unit are replaced by manifest.
 */
#ifndef SANDBOX_JUJU_CHARM_H
#define SANDBOX_JUJU_CHARM_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "tests/sandbox/juju_model.h"

/* The first document of a YAML file, or of a text, as JSON; plain words become what YAML 1.1 says. */
int juju_yaml_read(cJSON **ret, const char *path, struct error *err);
int juju_yaml_text(cJSON **ret, const char *text, struct error *err);

/*
 * Stores a charm folder or a .charm file in DIR/charms/NAME-REVISION as the controller does with a
 * local charm: modes become 0755 or 0644, build/, revision, version and VCS folders are dropped,
 * symlinks that leave the charm and special files are errors. RET: name, revision, options, peers,
 * actions, resources (of each the name of its file), bindings, base.
 */
int juju_charm_take(cJSON **ret, struct juju_model *model, const char *path, struct error *err);

/*
 * Puts CHARM ("name-revision") into the charm folder of UNIT: removes what only the old manifest
 * has, and writes every file of the new one. Files that are in no manifest stay.
 */
int juju_charm_deploy(const char *dir, const char *unit, const char *charm, struct error *err);

/* What the walk over a charm tree calls for each entry; PATH is relative to the top. */
struct juju_walk {
	const char *top;
	int (*visit)(struct juju_walk *walk, const char *path, struct error *err);
	void *data;
};

/* Visits folders before their contents, in the order of names. */
int juju_walk_tree(struct juju_walk *walk, const char *below, struct error *err);

#endif
