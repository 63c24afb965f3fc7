/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/waker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "juju/tool.h"

#define LOCK_FILE "waker.lock"
#define BUILD     MICROSAMPLE_VERSION "\n"
#define NO_WAKER  MICROSAMPLE_VERSION " could not be started\n"

/* What systemd says as long as the one before has not quite gone. */
#define NAME_IN_USE "already loaded"

enum {
	START_TIME = 2 * 1000, /* ms for which the start under a name in use is tried again */
	START_PAUSE = 100,
	END_TIME = 1000, /* ms that a process gets to end when it is asked to */
};

static int open_lock(const char *directory, int flags)
{
	CLEANUP(cleanup_close) int at = open(directory, O_DIRECTORY | O_RDONLY | O_CLOEXEC);

	return at < 0 ? -1
		      : openat(at, LOCK_FILE, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags,
				0600);
}

static void write_lock(int fd, const char *text)
{
	/* On a full disk it says too little, and the next hook replaces the waker. */
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, strlen(text), 0) < 0)
		log_say("%s cannot be written", LOCK_FILE);
}

static bool lock_says(int fd, const char *text)
{
	char found[64] = "";
	ssize_t length = pread(fd, found, sizeof found - 1, 0);

	return length >= 0 && strcmp(found, text) == 0;
}

int waker_lock(const char *directory)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open_lock(directory, O_CREAT);

	if (fd < 0)
		return -1;
	if (fcntl(fd, F_SETLK, &lock) < 0) {
		(void)close(fd);
		return -1;
	}
	write_lock(fd, BUILD);
	return fd;
}

/* The process that holds the lock, 0 for none. */
static pid_t holder(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK ? 0 : lock.l_pid;
}

/* A handle of the process that holds the lock, so that no other one is meant; -1 for none. */
static int open_holder(int fd)
{
	pid_t pid = holder(fd);
	int process = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;

	if (process >= 0 && holder(fd) != pid) {
		(void)close(process);
		return -1;
	}
	return process;
}

static void tell(int process, int number)
{
	(void)syscall(SYS_pidfd_send_signal, process, number, NULL, 0);
}

static void end(int process)
{
	struct pollfd gone = { .fd = process, .events = POLLIN };

	tell(process, SIGTERM);
	tell(process, SIGCONT);
	if (poll(&gone, 1, END_TIME) > 0)
		return;
	tell(process, SIGKILL);
	(void)poll(&gone, 1, END_TIME);
}

/* Whether systemd was made to start one; IN_USE: it may be in a moment. */
static bool start_once(const struct run *run, bool *in_use, struct error *err)
{
	const char *socket = getenv("MICROSAMPLE_SNAPD_SOCKET");
	CLEANUP(cleanup_free) char *name = alloc_textf("--unit=microsample-vm-wait-%s", run->unit);
	CLEANUP(cleanup_free) char *unit = alloc_textf("--setenv=JUJU_UNIT_NAME=%s", run->unit);
	CLEANUP(cleanup_free)
	char *directory = alloc_textf("--setenv=JUJU_CHARM_DIR=%s", run->directory);
	CLEANUP(cleanup_free)
	char *snapd = alloc_textf("--setenv=MICROSAMPLE_SNAPD_SOCKET=%s", socket ? socket : "");
	CLEANUP(cleanup_free) char *program = alloc_textf("%s/dispatch", run->directory);
	/* Type=exec: a program that cannot be run is a failure of systemd-run. */
	const char *argv[] = { "systemd-run", "--quiet", "--collect", name, "--property=Type=exec",
		unit, directory, snapd, "--", program, "wait", NULL };
	CLEANUP(buf_done) struct buf said;
	bool started;

	for (char *at = name; *at; at++)
		if (*at == '/')
			*at = '-';
	buf_init(&said, TOOL_OUTPUT_MAX);
	started = tool_run(argv, run_tool_time(run), NULL, &said, err) == 0;
	*in_use = !started && strstr(buf_text(&said), NAME_IN_USE);
	return started;
}

static void start(struct run *run, int lock)
{
	int64_t until = clock_uptime() + START_TIME;
	struct error err = { 0 };
	bool in_use;

	while (!start_once(run, &in_use, &err)) {
		CLEANUP(cleanup_close) int process = open_holder(lock);

		if (process >= 0) {
			tell(process, WAKER_NEWS);
			return;
		}
		if (in_use && clock_uptime() < until) {
			clock_sleep(START_PAUSE);
			continue;
		}
		if (!lock_says(lock, NO_WAKER))
			log_add(&run->log, JUJU_WARNING,
				"no waker, the unit goes on at the next hook: %s", err.text);
		write_lock(lock, NO_WAKER);
		return;
	}
	log_say("waker started");
}

struct fsm_due waker_due(const struct run *run)
{
	const struct fsm_moment moment = {
		.now = clock_now(),
		.uptime = clock_uptime() / 1000,
		.boot = run->boot,
		.unit = run->unit,
	};

	return fsm_due(&run->record, &moment);
}

/* It becomes the name of a service: Juju's own names are fine. */
static bool is_unit(const char *unit)
{
	return *unit && !unit[strspn(unit, "abcdefghijklmnopqrstuvwxyz0123456789-/")];
}

void waker_keep(struct run *run)
{
	bool due = waker_due(run).wait != FSM_WAIT_NOTHING && run->kind != FSM_HOOK_REMOVE &&
		   *run->directory == '/' && is_unit(run->unit);
	CLEANUP(cleanup_close) int lock = open_lock(run->directory, due ? O_CREAT : 0);
	CLEANUP(cleanup_close) int process = lock < 0 ? -1 : open_holder(lock);
	bool stays = run->kind != FSM_HOOK_REMOVE && run->kind != FSM_HOOK_UPGRADE_CHARM &&
		     process >= 0 && lock_says(lock, BUILD);

	if (stays) {
		tell(process, WAKER_NEWS);
		return;
	}
	if (process >= 0)
		end(process);
	if (due && lock >= 0)
		start(run, lock);
}
