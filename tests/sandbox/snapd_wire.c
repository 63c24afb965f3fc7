/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_wire.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"

enum {
	BACKLOG = 128
};

/* Binds at PATH; the file replaces an older one in one step. */
static int bind_at(const char *path, bool listening, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return error_system(err, errno, "socket");
	if (snprintf(address.sun_path, sizeof address.sun_path, "%s~", path) >=
		(int)sizeof address.sun_path) {
		(void)close(fd);
		return error_set(err, ERROR_LIMIT, "%s: too long for a socket", path);
	}
	(void)unlink(address.sun_path);
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
		(listening && listen(fd, BACKLOG) < 0) || rename(address.sun_path, path) < 0) {
		int number = errno;

		(void)close(fd);
		return error_system(err, number, "%s", path);
	}
	return fd;
}

int sim_wire_listen(const char *path, struct error *err)
{
	return bind_at(path, true, err);
}

int sim_wire_refuse(const char *path, struct error *err)
{
	int fd = bind_at(path, false, err);

	if (fd < 0)
		return -1;
	/* The file stays, as after a `systemctl stop snapd.socket` that left it. */
	(void)close(fd);
	return 0;
}

bool sim_wire_wait(int fd, int stop, long long ms)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLRDHUP },
		{ .fd = stop, .events = POLLIN } };
	int count;

	do
		count = poll(fds, 2, ms < 0 ? -1 : (int)ms);
	while (count < 0 && errno == EINTR);
	return count != 0;
}

void sim_wire_write(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t written = send(fd, data, size, MSG_NOSIGNAL);

		if (written < 0 && errno == EAGAIN) {
			struct pollfd waiting = { .fd = fd, .events = POLLOUT };

			if (poll(&waiting, 1, 10000) <= 0)
				return;
			continue;
		}
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return;
		data += written;
		size -= (size_t)written;
	}
}

void sim_wire_drip(int fd, int stop, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		sim_wire_write(fd, data + i, 1);
		if (sim_wire_wait(fd, stop, 1000))
			return;
	}
}

void sim_wire_kill(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.pid <= 1)
		return;
	(void)kill(peer.pid, SIGKILL);
}

char *sim_wire_answer(
	int status, const char *reason, const char *type, const char *body, size_t *ret_header)
{
	char *header = alloc_textf("HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
				   "Connection: close\r\n\r\n",
		status, reason, type, strlen(body));
	size_t size = strlen(header);

	header = alloc_again(header, size + strlen(body) + 1);
	memcpy(header + size, body, strlen(body) + 1);
	if (ret_header)
		*ret_header = size;
	return header;
}
