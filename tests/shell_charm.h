/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charms whose dispatch is a few lines of shell, for the tests of the stand-in Juju.
 */
#ifndef TESTS_SHELL_CHARM_H
#define TESTS_SHELL_CHARM_H

#include <stdbool.h>

#include "tests/sandbox/juju_proc.h"

#define SHELLY "shelly/0"

/* The model of a test; shell_charm_done() ends it. */
extern struct juju_proc shelly;
void shell_charm_done(void);

/*
 * Writes the charm "shelly" into DIR/charm of the model (it is removed with the model) and returns
 * its path, to be freed. SCRIPT follows #!/bin/sh. Options: channel (string, "latest/edge"), big
 * (int, 1000000), ratio (float), wanted (boolean, true), note (string without default).
 */
char *shell_charm(const struct juju_proc *juju, const char *script);
/* The same with a peer relation "cluster". */
char *shell_charm_peers(const struct juju_proc *juju, const char *script);

/* Writes TEXT into the file FOLDER/NAME, executable for MODE 0755. */
void shell_charm_file(const char *folder, const char *name, const char *text, unsigned int mode);

/* Starts the model with this charm deployed as "shelly" and retries of failed hooks off. */
void shell_charm_deployed(const char *script);

/* Fails the test unless the hooks of the first unit were WANTED, in that order. */
void shell_charm_hooks(const char *wanted);

/* The file NAME of the charm folder of the first unit, as far as it fits. */
void shell_charm_read(char ret[8192], const struct juju_proc *juju, const char *name);
bool shell_charm_has(const struct juju_proc *juju, const char *name);

#endif
