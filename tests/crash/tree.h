/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees of files, copied and removed thousands of times. What goes wrong here is the end of the
 * program.
 */
#ifndef TESTS_CRASH_TREE_H
#define TESTS_CRASH_TREE_H

#include <stdnoreturn.h>

/* One line on stderr, and exit(2). */
noreturn void tree_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A folder, unless it is there. */
void tree_make(const char *path);

/* What is not there is removed. */
void tree_remove(const char *path);

/* A file, a link or a folder with all that is in it; programs become hard links. TO is not there. */
void tree_copy(const char *from, const char *to);

/* The content of a file, to be freed; "" when it is not there. */
char *tree_read(const char *path);

/* Write a file in place, since others may have it mapped. */
void tree_write(const char *path, const void *data, unsigned long size);
void tree_copy_over(const char *from, const char *to);

#endif
