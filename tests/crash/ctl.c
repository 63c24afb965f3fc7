/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"

enum {
	ANSWER_MAX = 64 << 20,
};

static int dial(const char *socket_path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

cJSON *ctl_ask(const char *socket_path, const char *command)
{
	CLEANUP(cleanup_close) int fd = dial(socket_path);
	CLEANUP(buf_done) struct buf text = { .limit = ANSWER_MAX };
	const char *body;
	char part[16384];
	ssize_t got;

	if (fd < 0)
		return NULL;
	(void)buf_addf(&text,
		"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
		strlen(command), command);
	if (send(fd, text.data, text.len, MSG_NOSIGNAL) != (ssize_t)text.len)
		return NULL;
	text.len = 0;
	while ((got = recv(fd, part, sizeof part, 0)) > 0)
		if (buf_add(&text, part, (size_t)got) < 0)
			return NULL;
	body = strstr(buf_text(&text), "\r\n\r\n");
	if (!body)
		return NULL;
	/* A long answer comes in chunks, with their sizes between its lines. */
	body += strcspn(body, "{");
	for (char *at = strstr(body, "\r\n"); at; at = strstr(at, "\r\n")) {
		char *end = strstr(at + 2, "\r\n");

		if (!end)
			break;
		memmove(at, end + 2, strlen(end + 2) + 1);
	}
	return cJSON_Parse(body);
}

static const char *text_of(const cJSON *json, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));

	return text ? text : "";
}

static bool true_of(const cJSON *json, const char *key)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, key));
}

/* Numbers are texts there, because they are too large to be exact in JSON. */
static long number_of(const cJSON *json, const char *key)
{
	return strtol(text_of(json, key), NULL, 10);
}

static void take_snap(const cJSON *snap, struct ctl_snap *ret)
{
	const cJSON *revision =
		cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(snap, "revisions"),
			(int)number_of(snap, "current"));

	ret->present = true;
	ret->held = *text_of(snap, "hold") != '\0';
	ret->active = true_of(snap, "active") && *text_of(snap, "broken") == '\0';
	ret->serving = !true_of(snap, "enabled") || true_of(snap, "running");
	(void)snprintf(ret->tracking, sizeof ret->tracking, "%s", text_of(snap, "tracking"));
	(void)snprintf(ret->revision, sizeof ret->revision, "%s", text_of(revision, "revision"));
	(void)snprintf(ret->version, sizeof ret->version, "%s", text_of(revision, "version"));
}

int ctl_look(const char *socket_path, struct ctl_snap *ret)
{
	cJSON *state = ctl_ask(socket_path, "{\"do\":\"state\"}");
	const cJSON *item;

	if (!state)
		return -1;
	*ret = (struct ctl_snap){
		.made = number_of(state, "changes-made"),
		.done = number_of(state, "changes-done"),
	};
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(state, "snaps"))
	{
		if (strcmp(text_of(item, "name"), "microsample") == 0)
			take_snap(item, ret);
	}
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(state, "changes"))
	{
		if (strcmp(text_of(item, "snap"), "microsample") == 0 &&
			strcmp(text_of(item, "ended"), "0") == 0)
			ret->busy = true;
	}
	cJSON_Delete(state);
	return 0;
}

/* A revision of the resource is of no channel: whatever the snap tracks is right. */
bool ctl_fit(const struct ctl_snap *snap, const struct fsm_target *target)
{
	return snap->present && snap->active && snap->serving && !snap->busy &&
	       (target->revision == 0 || target->revision == atoll(snap->revision)) &&
	       (fsm_target_supplied(target) || strcmp(snap->tracking, target->channel) == 0);
}
