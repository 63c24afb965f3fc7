/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the fuzz targets. An input is text that people can read: parts separated by empty
 * lines. Each part is a line that says what it is ("snap 200", "arg --format"), followed by its
 * bytes.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FUZZ_PARTS_MAX = 64,
};

struct fuzz_part {
	const char *word; /* the first of its line */
	const char *rest; /* of the line, "" when there is none */
	const char *body;
	size_t size; /* of the body, which is followed by a NUL */
	bool used;
};

struct fuzz_input {
	char *text;
	size_t count;
	struct fuzz_part parts[FUZZ_PARTS_MAX];
};

/* libFuzzer calls this. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

void fuzz_input_read(struct fuzz_input *ret, const uint8_t *data, size_t size);
void fuzz_input_done(struct fuzz_input *input);

/*
 * The next part of that WORD; the last one stays for ever. NULL when there is none at all.
 */
struct fuzz_part *fuzz_input_next(struct fuzz_input *input, const char *word);

/* Prints a line that names the broken rule, and ends the process. */
#define FUZZ_CHECK(holds) ((holds) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #holds))
__attribute__((noreturn)) void fuzz_fail(const char *file, int line, const char *what);

/* Checks that TEXT (SIZE bytes) is UTF-8 without control characters but newlines and tabs. */
void fuzz_check_shown(const char *text, size_t size);

/* Checks that TEXT is printable ASCII of at most MAX bytes. */
void fuzz_check_ascii(const char *text, size_t max);

/* Checks that there is a NUL within SIZE bytes. */
void fuzz_check_ends(const char *text, size_t size);

#endif
