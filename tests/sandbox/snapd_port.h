/* SPDX-License-Identifier: Apache-2.0 */
/* Where the service of the stand-in snapd's snap answers. */
#ifndef TESTS_SANDBOX_SNAPD_PORT_H
#define TESTS_SANDBOX_SNAPD_PORT_H

/*
 * The port that the stand-in snapd with its socket in DIR wrote down there. Ends the process when
 * there is none.
 */
int snapd_port(const char *dir);

/* The same as a setting of the charm's environment, which the caller frees. */
char *snapd_port_setting(const char *dir);

#endif
