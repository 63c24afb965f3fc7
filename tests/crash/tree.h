/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies and removes trees of files, thousands of times. Any error here ends the program.
 */
#ifndef TESTS_CRASH_TREE_H
#define TESTS_CRASH_TREE_H

#include <stdnoreturn.h>

/* Prints one line on stderr and calls exit(2). */
noreturn void tree_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes a folder, unless it exists. */
void tree_make(const char *path);

/* Succeeds if there is nothing to remove. */
void tree_remove(const char *path);

/* Copies a file, a link or a whole folder; programs become hard links. TO must not exist. */
void tree_copy(const char *from, const char *to);

/* The same folder with the same files in it: what changes them in place changes both. */
void tree_link(const char *from, const char *to);

/* The content of a file, to be freed; "" when it is not there. */
char *tree_read(const char *path);

/* Writes a file in place, because others may have it mapped. */
void tree_write(const char *path, const void *data, unsigned long size);
void tree_copy_over(const char *from, const char *to);

#endif
