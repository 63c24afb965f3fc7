/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_http.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox/snapd_api.h"
#include "tests/sandbox/snapd_call.h"
#include "tests/sandbox/snapd_ctl.h"
#include "tests/sandbox/snapd_save.h"
#include "tests/sandbox/snapd_wire.h"

#define BODY_LIMIT ((size_t)16 << 20)

enum {
	GRACE_MS = 500
};

enum {
	API,
	CONTROL,
	SIDES
};

/* A socket, and what listens on it. */
struct side {
	struct server *server;
	int fd;
	struct MHD_Daemon *daemon;
};

struct server {
	struct sim_shared shared;
	const char *path;
	char *control;      /* the path of the control socket */
	char *live;         /* a second name of the API's socket, to restore it from */
	enum sim_away away; /* the present state of the socket file */
	struct side sides[SIDES];
};

/* One request while it arrives. */
struct exchange {
	char *target;
	struct buf body;
	bool begun;
};

static void *exchange_begin(void *cls, const char *target, struct MHD_Connection *connection)
{
	struct exchange *exchange = alloc_new(1, sizeof *exchange);

	(void)cls;
	(void)connection;
	exchange->target = alloc_text(target);
	buf_init(&exchange->body, BODY_LIMIT);
	return exchange;
}

static void exchange_end(void *cls, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode why)
{
	struct exchange *exchange = *state;

	(void)cls;
	(void)connection;
	(void)why;
	if (!exchange)
		return;
	free(exchange->target);
	buf_done(&exchange->body);
	free(exchange);
	*state = NULL;
}

/* Makes the socket file what sim->away says. Call it with the lock held. */
static int show_away(struct server *server, struct error *err)
{
	enum sim_away away = server->shared.sim->away;
	CLEANUP(cleanup_free) char *other = alloc_textf("%s.back", server->path);

	if (away == server->away)
		return 0;
	server->away = away;
	if (away == SIM_REFUSED)
		return sim_wire_refuse(server->path, err);
	if (away == SIM_MISSING) {
		(void)unlink(server->path);
		return 0;
	}
	/* Present or hanging: the one that listens, by its second name. */
	(void)unlink(other);
	if (link(server->live, other) < 0 || rename(other, server->path) < 0)
		return error_system(err, errno, "%s", server->path);
	/* A rename onto another name of the same file leaves both. */
	(void)unlink(other);
	return 0;
}

static enum MHD_Result control(struct server *server, struct sim_call *call)
{
	struct error err = { .kind = ERROR_NONE };
	int status = 200;
	cJSON *json;

	(void)pthread_mutex_lock(&server->shared.lock);
	server->shared.sim->dirty = true;
	json = sim_ctl(server->shared.sim, call->body, &err);
	if (json && (show_away(server, &err) < 0 || sim_save(server->shared.sim, &err) < 0)) {
		cJSON_Delete(json);
		json = NULL;
	}
	(void)pthread_mutex_unlock(&server->shared.lock);
	if (!json) {
		status = 400;
		json = cJSON_CreateObject();
		cJSON_AddStringToObject(json, "error", err.text);
	}
	return sim_call_answer(call, status, json);
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **state)
{
	struct side *side = cls;
	struct exchange *exchange = *state;
	struct sim_call call = { .shared = &side->server->shared,
		.connection = connection,
		.method = method,
		.version = version,
		.target = exchange->target };

	(void)url;
	if (!exchange->begun) {
		exchange->begun = true;
		return MHD_YES;
	}
	if (*size > 0) {
		if (buf_add(&exchange->body, data, *size) < 0)
			return MHD_NO;
		*size = 0;
		return MHD_YES;
	}
	call.body = buf_text(&exchange->body);
	call.fd =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	if (side == &side->server->sides[CONTROL])
		return control(side->server, &call);
	return sim_call_api(&call);
}

static int start_side(struct server *server, int which, const char *path, struct error *err)
{
	struct side *side = &server->sides[which];

	side->server = server;
	side->fd = sim_wire_listen(path, err);
	if (side->fd < 0)
		return -1;
	side->daemon = MHD_start_daemon(
		MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
			MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_SUPPRESS_DATE_NO_CLOCK,
		0, NULL, NULL, handle, side, MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, exchange_end, NULL, MHD_OPTION_STRICT_FOR_CLIENT, -1,
		MHD_OPTION_END);
	if (!side->daemon)
		return error_set(err, ERROR_SYSTEM, "%s: the server does not start", path);
	return 0;
}

static int start(struct server *server, struct error *err)
{
	if (start_side(server, API, server->path, err) < 0 ||
		start_side(server, CONTROL, server->control, err) < 0)
		return -1;
	(void)unlink(server->live);
	if (link(server->path, server->live) < 0)
		return error_system(err, errno, "%s", server->live);
	return show_away(server, err);
}

static void accept_one(struct side *side)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;
	int fd =
		accept4(side->fd, (struct sockaddr *)&address, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);

	/* It closes the descriptor itself when it fails. */
	if (fd >= 0)
		(void)MHD_add_connection(side->daemon, fd, (struct sockaddr *)&address, size);
}

static void loop(struct server *server, int signals)
{
	struct pollfd fds[] = { { .fd = server->sides[API].fd, .events = POLLIN },
		{ .fd = server->sides[CONTROL].fd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN } };

	while (fds[2].revents == 0) {
		if (poll(fds, 3, -1) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		for (int i = 0; i < SIDES; i++)
			if (fds[i].revents & POLLIN)
				accept_one(&server->sides[i]);
	}
}

static bool is_waiting(struct server *server)
{
	bool ret;

	(void)pthread_mutex_lock(&server->shared.lock);
	ret = server->shared.waiting > 0;
	(void)pthread_mutex_unlock(&server->shared.lock);
	return ret;
}

static void stop(struct server *server)
{
	uint64_t one = 1;

	/* Threads that wait for a client or for the store see this and end. */
	if (write(server->shared.stop, &one, sizeof one) < 0)
		abort();
	for (int i = 0; i < GRACE_MS && is_waiting(server); i++)
		(void)usleep(1000);
	for (int i = 0; i < SIDES; i++) {
		if (server->sides[i].fd >= 0)
			(void)close(server->sides[i].fd);
		if (server->sides[i].daemon)
			MHD_stop_daemon(server->sides[i].daemon);
	}
	(void)unlink(server->path);
	(void)unlink(server->control);
	(void)unlink(server->live);
	(void)close(server->shared.stop);
	(void)pthread_mutex_destroy(&server->shared.lock);
	free(server->control);
	free(server->live);
}

/* Makes SIGTERM and SIGINT readable, in this thread and all later ones. */
static int signals_open(struct error *err)
{
	sigset_t wanted;
	int fd;

	(void)sigemptyset(&wanted);
	(void)sigaddset(&wanted, SIGTERM);
	(void)sigaddset(&wanted, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &wanted, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &wanted, SFD_CLOEXEC);
	if (fd < 0)
		return error_system(err, errno, "signalfd");
	return fd;
}

int sim_serve(struct sim *sim, const char *path, struct error *err)
{
	struct server server = { .shared = { .sim = sim, .lock = PTHREAD_MUTEX_INITIALIZER },
		.path = path,
		.control = alloc_textf("%s.ctl", path),
		.live = alloc_textf("%s.live", path),
		.away = SIM_PRESENT,
		.sides = { { .fd = -1 }, { .fd = -1 } } };
	CLEANUP(cleanup_close) int signals = signals_open(err);
	int result;

	server.shared.stop = eventfd(0, EFD_CLOEXEC);
	if (server.shared.stop < 0)
		abort();
	result = signals < 0 ? -1 : start(&server, err);
	if (result == 0) {
		(void)puts("ready");
		(void)fflush(stdout);
		loop(&server, signals);
	}
	stop(&server);
	return result;
}
