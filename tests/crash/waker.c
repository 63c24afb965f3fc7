/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/waker.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/crash/tree.h"

enum {
	TEXTS_MAX = 32,
	WAKER_SECONDS = 300, /* real ones: it does not end by itself then */
};

char *waker_service(const struct world *world)
{
	return alloc_textf("%s/model/services/microsample-vm-wait-microsample-0.json", world->dir);
}

/* Puts the texts of LIST into RET, which has room. */
static size_t add_texts(const cJSON *list, char **ret, size_t count)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list) ret[count++] = item->valuestring;
	return count;
}

/* PATH with nothing but juju-exec, and our clock and plan; otherwise what systemd was told. */
static void become_waker(const struct world *world, const cJSON *service)
{
	char *argv[TEXTS_MAX] = { NULL }, *env[TEXTS_MAX] = { NULL };
	char *link = alloc_textf("%s/waker/juju-exec", world->dir),
	     *bin = alloc_textf("%s/waker", world->dir);
	size_t count = add_texts(cJSON_GetObjectItemCaseSensitive(service, "env"), env, 0);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)alarm(WAKER_SECONDS);
	tree_make(bin);
	if (symlink(world_program("SANDBOX_JUJU"), link) < 0 && errno != EEXIST)
		tree_fail("%s", link);
	(void)add_texts(cJSON_GetObjectItemCaseSensitive(service, "argv"), argv, 0);
	env[count++] = alloc_textf("PATH=%s", bin);
	env[count++] = alloc_textf("LD_PRELOAD=%s", world_program("SANDBOX_CLOCK_SO"));
	env[count++] = alloc_textf("SANDBOX_CLOCK=%s/clock", world->dir);
	env[count++] = alloc_textf("SANDBOX_JUJU_MODEL=%s/model", world->dir);
	env[count++] = alloc_textf("CUT_PLAN=%s/plan", world->dir);
	world_redirect(world);
	(void)execve(argv[0], argv, env);
	tree_fail("%s", argv[0]);
}

/* Another waker's lock, as long as what is returned is open. */
static int lock_as_another(const struct world *world)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	CLEANUP(cleanup_free) char *charm = world_charm(world);
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/waker.lock", charm);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || fcntl(fd, F_SETLK, &lock) < 0)
		tree_fail("%s", path);
	return fd;
}

int waker_run(struct world *world, bool beside)
{
	CLEANUP(cleanup_free) char *path = waker_service(world);
	CLEANUP(cleanup_free) char *text = tree_read(path);
	CLEANUP(cleanup_close) int lock = -1;
	cJSON *service = cJSON_Parse(text);
	int status = 0;
	pid_t pid;

	if (!service)
		return 0;
	if (beside)
		lock = lock_as_another(world);
	(void)fflush(NULL);
	pid = fork();
	if (pid < 0)
		tree_fail("fork");
	if (pid == 0)
		become_waker(world, service);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			tree_fail("waitpid");
	cJSON_Delete(service);
	if (!beside)
		(void)unlink(path);
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		tree_fail("the waker was ended by signal %d", WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
