/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One error type for the whole charm. The caller owns it, and it uses no heap. A kind exists only
 * where a caller acts differently on it. The text gets a prefix at every module border it crosses.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

enum error_kind {
	ERROR_NONE,
	ERROR_SYSTEM,      /* a system call failed; code is its errno */
	ERROR_LIMIT,       /* something from outside was larger or slower than its limit */
	ERROR_FORMAT,      /* something from outside is not what its protocol says */
	ERROR_TOOL,        /* a hook tool failed; code is its exit status */
	ERROR_UNREACHABLE, /* nothing was sent to snapd */
	ERROR_UNANSWERED,  /* the request was sent, but no answer came */
	ERROR_CUT,         /* a part of the request was sent, without which it does nothing */
	ERROR_BUSY,        /* a lock was held for longer than we wait */
	ERROR_CORRUPT,     /* the database is damaged, or not ours */
	ERROR_NEWER,       /* the database was written by a newer charm; code is its schema */
};

struct error {
	enum error_kind kind;
	int code;
	char text[256]; /* one line, NUL-terminated, cut when too long */
};

/* All three return -1, so that one writes `return error_set(err, ...)`. ERR may be NULL. */
int error_set(struct error *err, enum error_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ERROR_SYSTEM with CODE = NUMBER (an errno read once, at the call) and ": <strerror>" appended. */
int error_system(struct error *err, int number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "<context>: " before the text; kind and code stay. */
int error_wrap(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
