/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See canned.h. Parent and child share one page of memory. Requests come one at a time, so the two
 * never write to it at once.
 */
#include "tests/canned.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ANSWER_MAX = 4 * 1024 * 1024,
	REQUEST_MAX = 32768,
};

struct shared {
	enum canned_way way;
	size_t size;
	atomic_size_t requests;
	char request[REQUEST_MAX];
	char answer[ANSWER_MAX];
};

struct canned {
	pid_t child;
	char directory[64];
	struct sockaddr_un address;
	int port;
	struct shared *shared;
};

static void die(const char *what)
{
	perror(what);
	abort();
}

static void send_all(int peer, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t sent = send(peer, bytes, size, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		bytes += sent;
		size -= (size_t)sent;
	}
}

/* Reads until the blank line and, if there is a body, until its end. */
static void read_request(int peer, char *ret)
{
	size_t used = 0, wanted = 0;

	while (used < REQUEST_MAX - 1 && (wanted == 0 || used < wanted)) {
		ssize_t got = recv(peer, ret + used, REQUEST_MAX - 1 - used, 0);
		const char *length, *end;

		if (got <= 0)
			break;
		used += (size_t)got;
		ret[used] = '\0';
		end = strstr(ret, "\r\n\r\n");
		if (!end)
			continue;
		length = strstr(ret, "Content-Length: ");
		wanted = (size_t)(end - ret) + 4 + (length ? strtoul(length + 16, NULL, 10) : 0);
	}
	ret[used] = '\0';
}

static void drip(int peer, const char *bytes, size_t size)
{
	for (size_t i = 0;; i++) {
		if (send(peer, i < size ? bytes + i : "x", 1, MSG_NOSIGNAL) != 1)
			return;
		(void)usleep(20000);
	}
}

static void flood(int peer)
{
	char block[65536];

	memset(block, 'x', sizeof block);
	while (send(peer, block, sizeof block, MSG_NOSIGNAL) > 0)
		;
}

static void answer(int peer, struct shared *shared)
{
	char byte;

	if (shared->way == CANNED_RESET) {
		(void)recv(peer, &byte, 1, 0);
		atomic_fetch_add(&shared->requests, 1);
		return; /* data that was not read turns the close into a reset */
	}
	read_request(peer, shared->request);
	atomic_fetch_add(&shared->requests, 1);
	if (shared->way == CANNED_DRIP)
		drip(peer, shared->answer, shared->size);
	else
		send_all(peer, shared->answer, shared->size);
	if (shared->way == CANNED_FOREVER)
		flood(peer);
	if (shared->way == CANNED_HANG)
		(void)recv(peer, &byte, 1, 0); /* until the client hangs up */
}

static _Noreturn void serve(int listener, struct shared *shared)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int peer = accept(listener, NULL, NULL);

		if (peer < 0)
			_exit(1);
		answer(peer, shared);
		(void)close(peer);
	}
}

static int listen_at_path(struct canned *canned)
{
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(canned->directory, sizeof canned->directory, "/tmp/canned-XXXXXX");
	if (!mkdtemp(canned->directory))
		die(canned->directory);
	canned->address.sun_family = AF_UNIX;
	(void)snprintf(canned->address.sun_path, sizeof canned->address.sun_path, "%s/socket",
		canned->directory);
	if (listener < 0 ||
		bind(listener, (struct sockaddr *)&canned->address, sizeof canned->address) < 0)
		die(canned->address.sun_path);
	return listener;
}

static int listen_at_port(struct canned *canned)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
		getsockname(listener, (struct sockaddr *)&address, &size) < 0)
		die("canned_start_port");
	canned->port = ntohs(address.sin_port);
	return listener;
}

static struct canned *start(int (*open)(struct canned *))
{
	struct canned *canned = calloc(1, sizeof *canned);
	int listener;

	if (!canned)
		die("canned");
	listener = open(canned);
	canned->shared = mmap(NULL, sizeof *canned->shared, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (canned->shared == MAP_FAILED)
		die("mmap");
	if (listen(listener, 8) < 0)
		die("listen");
	canned->child = fork();
	if (canned->child < 0)
		die("fork");
	if (canned->child == 0)
		serve(listener, canned->shared);
	(void)close(listener);
	return canned;
}

struct canned *canned_start(void)
{
	return start(listen_at_path);
}

struct canned *canned_start_port(void)
{
	return start(listen_at_port);
}

void canned_stop(struct canned *canned)
{
	(void)kill(canned->child, SIGKILL);
	(void)waitpid(canned->child, NULL, 0);
	if (*canned->directory) {
		(void)unlink(canned->address.sun_path);
		(void)rmdir(canned->directory);
	}
	(void)munmap(canned->shared, sizeof *canned->shared);
	free(canned);
}

const char *canned_path(const struct canned *canned)
{
	return canned->address.sun_path;
}

int canned_port(const struct canned *canned)
{
	return canned->port;
}

void canned_bytes(struct canned *canned, enum canned_way way, const char *bytes, size_t size)
{
	if (size > ANSWER_MAX)
		die("canned_bytes");
	canned->shared->way = way;
	canned->shared->size = size;
	memcpy(canned->shared->answer, bytes, size);
}

void canned_answer(struct canned *canned, int status, const char *body)
{
	int size = snprintf(canned->shared->answer, ANSWER_MAX,
		"HTTP/1.1 %d Status\r\nContent-Type: application/json\r\n"
		"Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
		status, strlen(body), body);

	if (size < 0 || size >= ANSWER_MAX)
		die("canned_answer");
	for (char *at = canned->shared->answer; *at; at++)
		if (*at == '\'')
			*at = '"';
	canned->shared->way = CANNED_CLOSE;
	canned->shared->size = (size_t)size;
}

size_t canned_requests(struct canned *canned)
{
	return atomic_exchange(&canned->shared->requests, 0);
}

const char *canned_request(const struct canned *canned)
{
	return canned->shared->request;
}
