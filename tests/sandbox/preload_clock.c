/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox-clock.so, for LD_PRELOAD: a program that is started with it and with SANDBOX_CLOCK=FILE
 * sees the shared clock of clock.h as the time of day and as the time since the start. Its sleeps
 * move that clock on and return at once. CLOCK_MONOTONIC stays the real one, because libcurl limits
 * its waits by it. Without SANDBOX_CLOCK the program sees the kernel's clocks.
 *
 * It asks the kernel directly and never looks up symbols, so it may come before or after the
 * runtime of a sanitizer. gcc's shared runtime insists on being first;
 * ASAN_OPTIONS=verify_asan_link_order=0 turns that check off. It is built with -fvisibility=hidden,
 * so the program sees only the functions below.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/sandbox/clock.h"

static struct sandbox_clock *shared;
static atomic_bool looked;

/* The clock, or NULL when there is none. Two threads that look at once map it twice, no more. */
static struct sandbox_clock *clock_shared(void)
{
	const char *path;

	if (atomic_load(&looked))
		return shared;
	path = getenv("SANDBOX_CLOCK");
	if (path && path[0] != '\0') {
		shared = sandbox_clock_open(path, NULL);
		if (!shared)
			abort();
	}
	atomic_store(&looked, true);
	return shared;
}

static struct timespec as_timespec(long long ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / SANDBOX_CLOCK_SECOND),
		.tv_nsec = (long)(ns % SANDBOX_CLOCK_SECOND) };
}

static long long as_ns(const struct timespec *spec)
{
	return spec->tv_sec * SANDBOX_CLOCK_SECOND + spec->tv_nsec;
}

static int is_wall(clockid_t id)
{
	return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
}

/* A signal of SET that has come, -1 with EAGAIN for none. */
static int take_signal(const sigset_t *set, siginfo_t *info)
{
	const struct timespec none = { 0 };
	long got = syscall(SYS_rt_sigtimedwait, set, info, &none, sizeof(unsigned long));

	if (got < 0)
		errno = EAGAIN;
	return (int)got;
}

/*
 * The sleep of a program that stops where the test wants to go on; while it is stopped the test moves
 * the clock. A signal of SET ends it, unless that is NULL.
 */
static int pass_in_steps(
	struct sandbox_clock *clock, long long ns, const sigset_t *set, siginfo_t *info)
{
	long long end = sandbox_clock_boot(clock) + ns;

	for (;;) {
		int got = set ? take_signal(set, info) : -1;
		long long stop = sandbox_clock_stops_at(clock), now = sandbox_clock_boot(clock);

		if (got >= 0 || now >= end)
			return got;
		if (now >= stop)
			(void)raise(SIGSTOP);
		else
			sandbox_clock_advance(clock, (end < stop ? end : stop) - now);
	}
}

/* Also yields the processor, because a process that polls another must let that one run. */
static void pass(struct sandbox_clock *clock, long long ns)
{
	if (getenv("SANDBOX_CLOCK_STOPS"))
		(void)pass_in_steps(clock, ns, NULL, NULL);
	else if (ns > 0)
		sandbox_clock_advance(clock, ns);
	(void)syscall(SYS_sched_yield);
}

#pragma GCC visibility push(default)

int clock_gettime(clockid_t id, struct timespec *ret)
{
	struct sandbox_clock *clock = clock_shared();

	if (!clock || (!is_wall(id) && id != CLOCK_BOOTTIME))
		return (int)syscall(SYS_clock_gettime, id, ret);
	*ret = as_timespec(is_wall(id) ? sandbox_clock_now(clock) : sandbox_clock_boot(clock));
	return 0;
}

time_t time(time_t *ret)
{
	struct timespec now;
	time_t seconds;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	seconds = now.tv_sec;
	if (ret)
		*ret = seconds;
	return seconds;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	ret->tv_sec = now.tv_sec;
	ret->tv_usec = now.tv_nsec / 1000;
	return 0;
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	struct sandbox_clock *clock = clock_shared();

	if (!clock)
		return (int)syscall(SYS_nanosleep, wanted, left);
	pass(clock, as_ns(wanted));
	return 0;
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *wanted, struct timespec *left)
{
	struct sandbox_clock *clock = clock_shared();
	struct timespec now;

	if (!clock) {
		if (syscall(SYS_clock_nanosleep, id, flags, wanted, left) < 0)
			return errno;
		return 0;
	}
	if (!(flags & TIMER_ABSTIME)) {
		pass(clock, as_ns(wanted));
		return 0;
	}
	(void)clock_gettime(id, &now);
	pass(clock, as_ns(wanted) - as_ns(&now));
	return 0;
}

int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
	const struct timespec *restrict wanted)
{
	struct sandbox_clock *clock = clock_shared();

	if (!clock)
		return (int)syscall(SYS_rt_sigtimedwait, set, info, wanted, sizeof(unsigned long));
	if (getenv("SANDBOX_CLOCK_STOPS"))
		return pass_in_steps(clock, as_ns(wanted), set, info);
	pass(clock, as_ns(wanted));
	return take_signal(set, info);
}

unsigned int sleep(unsigned int seconds)
{
	struct timespec wanted = { .tv_sec = seconds };

	return nanosleep(&wanted, NULL) < 0 ? seconds : 0;
}

int usleep(useconds_t microseconds)
{
	struct timespec wanted = as_timespec(microseconds * 1000LL);

	return nanosleep(&wanted, NULL);
}

#pragma GCC visibility pop
