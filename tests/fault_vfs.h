/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk that fails on demand: an SQLite VFS around the system's own, for tests. It counts the
 * calls of one kind and makes one of them, or all from that one on, fail in a given way. It does
 * not carry out syncs, and sleeps take no time: the tests kill a process, not a machine.
 */
#ifndef TESTS_FAULT_VFS_H
#define TESTS_FAULT_VFS_H

#include <stdbool.h>

enum fault_call {
	FAULT_NONE,
	FAULT_OPEN,
	FAULT_DELETE,
	FAULT_ACCESS,
	FAULT_PATH,
	FAULT_READ,
	FAULT_WRITE,
	FAULT_TRUNCATE,
	FAULT_SYNC,
	FAULT_SIZE,
	FAULT_LOCK,
	FAULT_UNLOCK,
	FAULT_RESERVED, /* asks whether another process writes */
	FAULT_SHM_MAP,
	FAULT_SHM_LOCK,
	FAULT_LIBC, /* counted by the test itself, through fault_meets() */
	FAULT_CALL_COUNT,
};

enum fault_how {
	FAULT_ERROR,    /* an I/O error */
	FAULT_NO_SPACE, /* the same, because the disk is full */
	FAULT_SHORT,    /* a write: half, then no space for the rest; a read: half at a time */
	FAULT_BUSY,     /* another process has the lock */
	FAULT_DEATH,    /* the process ends there, with FAULT_DEATH_CODE */
	FAULT_HOW_COUNT,
};

enum {
	FAULT_DEATH_CODE = 77,
};

struct fault {
	enum fault_call call;
	enum fault_how how;
	bool lasting; /* all calls from that one on */
	int at;       /* which call, from 1 */
};

extern const char *const fault_call_names[FAULT_CALL_COUNT];
extern const char *const fault_how_names[FAULT_HOW_COUNT];

/* Whether CALL can end like HOW. */
bool fault_makes_sense(enum fault_call call, enum fault_how how);

/* Makes it the VFS of this process, and starts to count. Call it once in a process. */
void fault_install(const struct fault *fault);

/* How often the fault occurred. */
int fault_met(void);

/* Counts a call. True when it must fail, with errno set; ends the process when it must die. */
bool fault_meets(enum fault_call call);

#endif
