/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacks a .charm.
 */
#ifndef SANDBOX_JUJU_ARCHIVE_H
#define SANDBOX_JUJU_ARCHIVE_H

#include <stddef.h>

#include "base/error.h"

/* The path of the program beside this one whose name has that SUFFIX more. */
int juju_beside(char *ret, size_t size, const char *suffix, struct error *err);

/* Unpacks the zip file PATH into the folder TO, with the modes it holds; no entry may leave TO. */
int juju_archive_unpack(const char *path, const char *to, struct error *err);

#endif
