/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the charm's program and kills it at one of its boundaries with the outside world.
 *
 * Installed as `dispatch` in a charm tree whose real program is `dispatch.real` beside it. The
 * boundaries are the ends of successful system calls that touch files, sockets, processes or time,
 * from main() on (which first ignores SIGPIPE), and the program's own end. ptrace stops the program
 * at each, so the shipped program needs no code for this.
 *
 * CUT_PLAN names a file of words. A word that is a number N: the program is killed with SIGKILL
 * after its N-th boundary, counted over as many runs as needed, and this program dies in the same
 * way, as Juju would see it. With a "!" after the number, the agent that runs the hook is killed
 * too. Then the word is removed, and the next word counts from there. The number 0: nothing is
 * killed, and the boundaries are listed in CUT_PLAN.log, one a line: "+" if the call can leave
 * something behind, "-" if it only reads (as by a GET) or changes only the process itself, "!" if it
 * sends a POST; then the hook and the call. Without a number, the program is left alone. CUT_TOOLS, when
 * set, comes first in its PATH.
 *
 * The waker, `dispatch wait`, is killed alone: no agent runs it, and the hooks that it has run are left
 * alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

enum {
	PLAN_MAX = 128,
	TROUBLE = 99, /* an exit status that the charm does not use */
};

/* clang-format off */
/*
 * A call is quiet if it leaves nothing behind once the process is dead: it only reads, or takes
 * what the kernel takes back (descriptors, locks, maps). Polls are left out, because their number
 * depends on scheduling. sched_yield is what a sleep becomes on the virtual clock.
 */
#define CALLS(LOUD, QUIET) \
	LOUD(openat) LOUD(write) LOUD(pwrite64) LOUD(fsync) LOUD(fdatasync) \
	LOUD(ftruncate) LOUD(unlinkat) LOUD(renameat) LOUD(renameat2) LOUD(fchmod) LOUD(mkdirat) \
	LOUD(sendto) LOUD(sendmsg) LOUD(recvfrom) LOUD(recvmsg) LOUD(shutdown) \
	LOUD(clone) LOUD(clone3) LOUD(wait4) LOUD(kill) LOUD(sched_yield) LOUD(exit_group) \
	QUIET(read) QUIET(pread64) QUIET(fcntl) QUIET(flock) QUIET(close) QUIET(pipe2) QUIET(mmap) \
	QUIET(socket) QUIET(connect) EXTRA(LOUD)
#ifdef __x86_64__
#define EXTRA(LOUD) LOUD(open) LOUD(unlink) LOUD(rename) LOUD(vfork)
#else
#define EXTRA(LOUD)
#endif

struct call {
	const char *name;
	bool loud;
	bool post;
};

static struct call call_of(unsigned long long number)
{
#define LOUD(name)  case SYS_##name: return (struct call){ #name, true, false };
#define QUIET(name) case SYS_##name: return (struct call){ #name, false, false };
	switch (number) {
	CALLS(LOUD, QUIET)
	default: return (struct call){ NULL, false, false };
	}
}
/* clang-format on */

struct cut {
	const char *path; /* of the plan */
	char plan[PLAN_MAX];
	long at;    /* the boundary to die at; 0 to list them, -1 to do nothing */
	bool agent; /* the agent dies too */
	long count;
	FILE *log;
	char **argv;
	const char *hook;
	pid_t child;
	bool begun;       /* main() has */
	bool gets;        /* what it sends and receives is a GET's */
	struct call call; /* the one that the child is in */
};

static void fail(const char *what)
{
	(void)fprintf(stderr, "cut: %s: %s\n", what, strerror(errno));
	_exit(TROUBLE);
}

static void run_real(char **argv)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - sizeof ".real");

	if (length < 0)
		fail("readlink");
	memcpy(path + length, ".real", sizeof ".real");
	argv[0] = path;
	(void)execv(path, argv);
	fail(path);
}

static void put_tools_first(void)
{
	const char *tools = getenv("CUT_TOOLS"), *rest = getenv("PATH");
	char path[PATH_MAX];

	if (!tools || !rest)
		return;
	if (snprintf(path, sizeof path, "%s:%s", tools, rest) >= (int)sizeof path ||
		setenv("PATH", path, 1) < 0)
		fail("PATH");
}

static void read_plan(struct cut *cut)
{
	char *rest;
	int fd;

	cut->at = -1;
	cut->path = getenv("CUT_PLAN");
	fd = cut->path ? open(cut->path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	if (read(fd, cut->plan, sizeof cut->plan - 1) < 0)
		fail(cut->path);
	(void)close(fd);
	if (cut->plan[0] < '0' || cut->plan[0] > '9')
		return;
	cut->at = strtol(cut->plan, &rest, 10);
	cut->agent = *rest == '!';
	rest += cut->agent;
	memmove(cut->plan, rest, strlen(rest) + 1);
}

static void write_plan(const struct cut *cut, const char *text)
{
	int fd = open(cut->path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail(cut->path);
	(void)close(fd);
}

static bool is_waker(const struct cut *cut)
{
	return cut->argv[1] != NULL;
}

static void open_log(struct cut *cut)
{
	const char *path = getenv("JUJU_DISPATCH_PATH");
	const char *slash = path ? strrchr(path, '/') : NULL;
	char name[PATH_MAX];

	cut->hook = slash ? slash + 1 : is_waker(cut) ? "waker" : "none";
	if (cut->at != 0)
		return;
	(void)snprintf(name, sizeof name, "%s.log", cut->path);
	cut->log = fopen(name, "ae");
	if (!cut->log)
		fail(name);
}

static void start(struct cut *cut)
{
	int status = 0;

	cut->child = fork();
	if (cut->child < 0)
		fail("fork");
	if (cut->child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			fail("ptrace");
		run_real(cut->argv);
	}
	if (waitpid(cut->child, &status, 0) < 0 || !WIFSTOPPED(status))
		fail("exec");
	if (ptrace(PTRACE_SETOPTIONS, cut->child, NULL,
		    (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) < 0)
		fail("ptrace");
}

static void die_too(const struct cut *cut)
{
	const char *rest = cut->plan + strspn(cut->plan, " \n");

	(void)kill(cut->child, SIGKILL);
	(void)waitpid(cut->child, NULL, 0);
	write_plan(cut, *rest ? rest : "spent\n");
	if (cut->agent)
		(void)kill(getppid(), SIGKILL);
	(void)kill(getpid(), SIGKILL);
}

static void pass_boundary(struct cut *cut)
{
	cut->count++;
	if (cut->log)
		(void)fprintf(cut->log, "%c %s %s\n",
			cut->call.post   ? '!'
			: cut->call.loud ? '+'
					 : '-',
			cut->hook, cut->call.name);
	cut->call.name = NULL;
	if (cut->count == cut->at)
		die_too(cut);
}

/* What the program is about to send or receive: a POST, a GET, or more of the same. */
static void look_at_request(struct cut *cut, const struct ptrace_syscall_info *info)
{
	char text[4] = "";
	struct iovec here = { text, sizeof text };
	struct iovec there = { (void *)(uintptr_t)info->entry.args[1], sizeof text };

	if (info->entry.nr == SYS_sendto) {
		(void)process_vm_readv(cut->child, &here, 1, &there, 1, 0);
		cut->call.post = memcmp(text, "POST", sizeof text) == 0;
		cut->gets =
			!cut->call.post && (cut->gets || memcmp(text, "GET ", sizeof text) == 0);
	}
	if (cut->gets && (info->entry.nr == SYS_sendto || info->entry.nr == SYS_recvfrom))
		cut->call.loud = false;
}

static void look(struct cut *cut)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, cut->child, (void *)sizeof info, &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		/* signal(SIGPIPE, SIG_IGN) is the first thing that main() does. */
		cut->begun = cut->begun ||
			     (info.entry.nr == SYS_rt_sigaction && info.entry.args[0] == SIGPIPE);
		cut->call = cut->begun ? call_of(info.entry.nr) : (struct call){ 0 };
		/* Opening an existing file only looks at it. */
		if (info.entry.nr == SYS_openat && !(info.entry.args[2] & (O_CREAT | O_TRUNC)))
			cut->call.loud = false;
		look_at_request(cut, &info);
		/* Its own end is a boundary too: it is killed just before, with everything done. */
		if (cut->call.name && info.entry.nr == SYS_exit_group)
			pass_boundary(cut);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && cut->call.name && !info.exit.is_error) {
		/* How often a child is asked whether it has ended also depends on scheduling. */
		if (strcmp(cut->call.name, "wait4") != 0 || info.exit.rval != 0)
			pass_boundary(cut);
	}
}

/* Runs until the program ends; returns how it ended. */
static int follow(struct cut *cut)
{
	int status, signal = 0;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, cut->child, NULL, (void *)(long)signal) < 0 &&
			errno != ESRCH)
			fail("ptrace");
		if (waitpid(cut->child, &status, 0) < 0)
			fail("wait");
		if (!WIFSTOPPED(status))
			return status;
		signal = WSTOPSIG(status);
		if (signal == (SIGTRAP | 0x80))
			look(cut);
		if ((signal & 0x7f) == SIGTRAP)
			signal = 0;
	}
}

int main(int argc, char **argv)
{
	struct cut cut = { .argv = argv };
	char left[PLAN_MAX + 32];
	int status;

	(void)argc;
	put_tools_first();
	read_plan(&cut);
	if (cut.at < 0)
		run_real(argv);
	open_log(&cut);
	if (is_waker(&cut))
		write_plan(&cut, "none\n");
	cut.agent = cut.agent && !is_waker(&cut);
	start(&cut);
	status = follow(&cut);
	if (cut.log && fclose(cut.log) != 0)
		fail("log");
	if (cut.at == 0 && is_waker(&cut))
		write_plan(&cut, "0");
	if (cut.at > 0) {
		(void)snprintf(left, sizeof left, "%ld%s%s", cut.at - cut.count,
			cut.agent ? "!" : "", cut.plan);
		write_plan(&cut, left);
	}
	if (WIFSIGNALED(status)) {
		(void)signal(WTERMSIG(status), SIG_DFL);
		(void)kill(getpid(), WTERMSIG(status));
	}
	return WEXITSTATUS(status);
}
