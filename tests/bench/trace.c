/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

enum {
	SYSCALL_STOP = SIGTRAP | 0x80, /* with PTRACE_O_TRACESYSGOOD */
	OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		  PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL,
};

static _Noreturn void give_up(const char *what)
{
	(void)fprintf(stderr, "trace: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

void command_become(const struct command *command, int out)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (chdir(command->directory) == 0 && dup2(null, STDIN_FILENO) >= 0 &&
		dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0)
		(void)execve(command->program, command->argv, command->environment);
	_exit(127);
}

static pid_t start(const struct command *command)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0)
			_exit(127);
		command_become(command, null);
	}
	(void)close(null);
	return pid;
}

static bool waits_for_disk(unsigned long long number)
{
	switch (number) {
	case SYS_fsync:
	case SYS_fdatasync:
	case SYS_sync:
	case SYS_syncfs:
	case SYS_sync_file_range:
	case SYS_msync:
		return true;
	default:
		return false;
	}
}

static void note_call(pid_t pid, struct trace *ret)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) < 0)
		give_up("PTRACE_GET_SYSCALL_INFO");
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY && waits_for_disk(info.entry.nr))
		ret->syncs++;
}

/* PID has just called exec; notes the name of the program. */
static void note_program(pid_t pid, struct trace *ret)
{
	char path[64], name[4096];
	const char *base;
	ssize_t got;
	int i = 0;

	(void)snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	CLEANUP(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, name, sizeof name - 1);
	if (got < 0)
		give_up(path);
	name[got] = '\0';
	base = strrchr(name, '/');
	base = base ? base + 1 : name;
	while (i < TRACE_TOOLS - 1 && ret->tools[i].calls && strcmp(ret->tools[i].name, base) != 0)
		i++;
	(void)snprintf(ret->tools[i].name, sizeof ret->tools[i].name, "%s", base);
	ret->tools[i].calls++;
}

/* The peak memory of PID since its exec, without that of the process it was forked from. */
static long peak(pid_t pid)
{
	char path[64], line[256];
	long ret = 0;
	FILE *file;

	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, "VmHWM:", 6) == 0)
			ret = strtol(line + 6, NULL, 10);
	if (file)
		(void)fclose(file);
	return ret;
}

/* Handles one stop of a traced process; returns the signal to pass on to it. */
static int note_stop(pid_t main, pid_t pid, int status, struct trace *ret)
{
	int number = WSTOPSIG(status);
	int event = status >> 16;

	if (number == SYSCALL_STOP) {
		note_call(pid, ret);
		return 0;
	}
	switch (event) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		ret->processes++;
		return 0;
	case PTRACE_EVENT_EXEC:
		if (pid != main)
			note_program(pid, ret);
		return 0;
	case PTRACE_EVENT_EXIT:
		if (pid == main)
			ret->rss = peak(pid);
		return 0;
	default:
		/* A new traced process begins with a SIGSTOP that must not be passed on. */
		return number == SIGSTOP || number == SIGTRAP ? 0 : number;
	}
}

void trace_run(const struct command *command, struct trace *ret)
{
	pid_t main = start(command);
	int status;

	*ret = (struct trace){ .exit = -1 };
	if (waitpid(main, &status, 0) != main || !WIFSTOPPED(status) ||
		ptrace(PTRACE_SETOPTIONS, main, NULL, (void *)(long)OPTIONS) < 0)
		give_up("ptrace");
	(void)ptrace(PTRACE_SYSCALL, main, NULL, NULL);
	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0)
			give_up("wait");
		if (WIFSTOPPED(status)) {
			long number = note_stop(main, pid, status, ret);

			(void)ptrace(PTRACE_SYSCALL, pid, NULL, (void *)number);
		} else if (pid == main) {
			ret->exit =
				WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
			return;
		}
	}
}

bool trace_possible(void)
{
	struct __ptrace_syscall_info info;
	bool possible;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	possible =
		WIFSTOPPED(status) && ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) >= 0;
	if (WIFSTOPPED(status)) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
	}
	return possible;
}

int trace_calls(const struct trace *trace, const char *name)
{
	for (int i = 0; i < TRACE_TOOLS; i++)
		if (trace->tools[i].calls && strcmp(trace->tools[i].name, name) == 0)
			return trace->tools[i].calls;
	return 0;
}
