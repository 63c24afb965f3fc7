/* SPDX-License-Identifier: Apache-2.0 */
/* A file resource of the charm. */
#ifndef JUJU_RESOURCE_H
#define JUJU_RESOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * resource-get NAME: Juju fetches the file, if it is another one than is there, and says where it is:
 * RET, SIZE bytes, an absolute path; "" when the application has no such resource, and that is no
 * failure. After a failure the file that was there may be cut off, or half another one: Juju writes in
 * place.
 */
int juju_resource(const char *name, int64_t limit, char *ret, size_t size, struct error *err);

#endif
