/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacks a .charm.
 */
#ifndef SANDBOX_JUJU_ARCHIVE_H
#define SANDBOX_JUJU_ARCHIVE_H

#include "base/error.h"

/* Unpacks the zip file PATH into the folder TO, with the modes it holds; no entry may leave TO. */
int juju_archive_unpack(const char *path, const char *to, struct error *err);

#endif
