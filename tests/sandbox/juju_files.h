/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files and trees, for the stand-in Juju.
 */
#ifndef SANDBOX_JUJU_FILES_H
#define SANDBOX_JUJU_FILES_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/* Makes the folder and those above it. */
int juju_make_dirs(const char *path, struct error *err);
/* Removes a file or a whole tree; succeeds if there is none. */
int juju_remove_tree(const char *path, struct error *err);
/* Adds the content of the file. */
int juju_read_file(struct buf *ret, const char *path, struct error *err);
/* Writes another file and renames it over PATH. */
int juju_replace_file(const char *path, const char *data, size_t size, struct error *err);
/* Unlinks TO, then makes it anew, so a running program of that name is not disturbed. */
int juju_copy_file(const char *from, const char *to, mode_t mode, struct error *err);
/* Adds SIZE bytes at the end in one write. */
int juju_append_file(const char *path, const char *data, size_t size, struct error *err);
/* Writes everything to FD; -1 when the reader is gone. */
int juju_write_all(int fd, const char *data, size_t size);

#endif
