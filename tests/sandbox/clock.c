/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The file. A new one is all zeros, because time and offset are kept as differences. */
struct sandbox_clock {
	_Atomic long long moved;  /* difference from SANDBOX_CLOCK_START, from all moves together */
	_Atomic long long booted; /* the same difference for the moment when the machine started */
	_Atomic long long stop;   /* see sandbox_clock_stop_at() */
};

#define HOUR (3600LL * SANDBOX_CLOCK_SECOND)

struct sandbox_clock *sandbox_clock_open(const char *path, struct error *err)
{
	CLEANUP(cleanup_close) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *map;

	if (fd < 0) {
		error_system(err, errno, "%s", path);
		return NULL;
	}
	/* Growing a file adds zeros, so it is harmless when two processes do it at once. */
	if (ftruncate(fd, (off_t)sizeof(struct sandbox_clock)) < 0) {
		error_system(err, errno, "%s", path);
		return NULL;
	}
	map = mmap(NULL, sizeof(struct sandbox_clock), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		error_system(err, errno, "%s", path);
		return NULL;
	}
	return map;
}

void sandbox_clock_close(struct sandbox_clock *clock)
{
	if (clock)
		(void)munmap(clock, sizeof *clock);
}

long long sandbox_clock_now(const struct sandbox_clock *clock)
{
	return SANDBOX_CLOCK_START + atomic_load(&clock->moved);
}

long long sandbox_clock_boot(const struct sandbox_clock *clock)
{
	return HOUR + atomic_load(&clock->moved) - atomic_load(&clock->booted);
}

void sandbox_clock_advance(struct sandbox_clock *clock, long long ns)
{
	atomic_fetch_add(&clock->moved, ns);
}

void sandbox_clock_set(struct sandbox_clock *clock, long long ns)
{
	long long before = atomic_exchange(&clock->moved, ns - SANDBOX_CLOCK_START);

	atomic_fetch_add(&clock->booted, ns - SANDBOX_CLOCK_START - before);
}

void sandbox_clock_reboot(struct sandbox_clock *clock)
{
	atomic_store(&clock->booted, atomic_load(&clock->moved) + HOUR);
}

void sandbox_clock_stop_at(struct sandbox_clock *clock, long long ns)
{
	atomic_store(&clock->stop, ns);
}

long long sandbox_clock_stops_at(const struct sandbox_clock *clock)
{
	return atomic_load(&clock->stop);
}
