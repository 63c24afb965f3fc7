/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/recordings/scenes.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define STORE(knob)     "{\"do\":\"store\",\"set\":{" knob "}}"
#define SNAP(name, set) "{\"do\":\"snap\",\"name\":\"" name "\",\"set\":{" set "}}"
#define GONE(name)      "{\"do\":\"snap\",\"name\":\"" name "\",\"gone\":true}"
#define LOCAL(name, version)                                                                       \
	SNAP(name, "\"id\":\"\",\"revision\":\"x1\",\"channel\":\"\",\"tracking\":\"\","           \
		   "\"version\":\"" version "\"")
#define FAULT(mode)      "{\"do\":\"fault\",\"mode\":\"" mode "\"}"
#define AWAY(how)        "{\"do\":\"away\",\"how\":\"" how "\"}"
#define BACK             "{\"do\":\"back\"}"
#define REFRESH(channel) "{\"action\":\"refresh\",\"channel\":\"" channel "\"}"

/* clang-format off */
static const struct scene scenes[] = {
	/* A new machine. */
	{ NULL, "system-info",                 SCENE_BEFORE, SCENE_TELL, GONE("snapd") },
	{ NULL, "system-info",                 SCENE_BEFORE, SCENE_TELL, GONE("bare") },

	{ NULL, "install-first-with-prereqs",  SCENE_BEFORE, SCENE_TELL,
		"{\"do\":\"mode\",\"manual\":false,\"task-ms\":0}" },
	{ NULL, "install-first-with-prereqs",  SCENE_BEFORE, SCENE_TELL,
		"3 {\"do\":\"foreign\",\"kind\":\"become-operational\",\"held-at\":\"request-serial\","
		"\"summary\":\"Initialize device\"}" },
	{ NULL, "install-first-with-prereqs",  SCENE_BEFORE, SCENE_TELL,
		"{\"do\":\"mode\",\"manual\":true,\"task-ms\":40}" },

	/* The store fails. */
	{ NULL, "install-store-500",           SCENE_BEFORE, SCENE_TELL, STORE("\"status\":500") },
	{ NULL, "install-store-404",           SCENE_BEFORE, SCENE_TELL, STORE("\"status\":404") },
	{ NULL, "install-store-429",           SCENE_BEFORE, SCENE_TELL, STORE("\"status\":429") },
	{ NULL, "install-store-429",           SCENE_AFTER,  SCENE_TELL, STORE("\"status\":200") },
	{ NULL, "install-store-slow-but-missing-channel",
		SCENE_BEFORE, SCENE_TELL, STORE("\"delay-ms\":40") },
	{ NULL, "install-store-slow-but-missing-channel",
		SCENE_AFTER, SCENE_TELL, STORE("\"delay-ms\":0") },
	{ NULL, "install-store-unreachable",   SCENE_BEFORE, SCENE_TELL, STORE("\"down\":true") },
	{ NULL, "install-store-unreachable",   SCENE_AFTER,  SCENE_TELL, STORE("\"down\":false") },
	{ NULL, "refresh-download-404",        SCENE_BEFORE, SCENE_TELL, STORE("\"download\":404") },
	{ NULL, "refresh-download-404.polls",  SCENE_AFTER,  SCENE_TELL, STORE("\"download\":500") },
	{ NULL, "refresh-download-500.polls",  SCENE_AFTER,  SCENE_TELL, STORE("\"download\":\"ok\"") },
	{ NULL, "store-dies-during-download",  SCENE_AFTER,  SCENE_STEP, "download-snap" },
	{ NULL, "store-dies-during-download",  SCENE_AFTER,  SCENE_TELL, STORE("\"down\":true") },
	{ NULL, "remove-store-unreachable.polls",
		SCENE_AFTER, SCENE_TELL, STORE("\"down\":false") },
	{ NULL, "install-store-no-dns",        SCENE_BEFORE, SCENE_TELL, STORE("\"no-dns\":true") },
	{ NULL, "install-store-no-dns",        SCENE_AFTER,  SCENE_TELL, STORE("\"no-dns\":false") },
	{ NULL, "refresh-store-blackholed",    SCENE_BEFORE, SCENE_TELL, STORE("\"timeout\":true") },
	{ NULL, "refresh-store-answers-after-25s",
		SCENE_AFTER, SCENE_TELL, STORE("\"timeout\":false") },

	/* During a change. */
	{ NULL, "slow-install",                SCENE_AFTER,  SCENE_STEP, "download-snap" },
	{ NULL, "slow-refresh",                SCENE_AFTER,  SCENE_STEP, "download-snap" },
	{ NULL, "during-refresh-hold",         SCENE_AFTER,  SCENE_STAY, NULL },
	{ NULL, "during-refresh-other-snap-install", SCENE_AFTER, SCENE_STAY, NULL },
	{ NULL, "slow-refresh-aborted.polls",  SCENE_AFTER,  SCENE_FINISH, NULL },
	{ NULL, "abort-at-once",               SCENE_AFTER,  SCENE_STEP, "2" },
	{ NULL, "abort-during-hook",           SCENE_AFTER,  SCENE_STEP, "Run post-refresh hook" },
	{ "2.68.3", "abort-during-hook-abort-again", SCENE_BEFORE, SCENE_STEP, "6" },
	{ "2.77.1", "abort-during-hook-abort-again", SCENE_BEFORE, SCENE_STEP, "1" },
	{ NULL, "three-simultaneous-refreshes", SCENE_DURING, SCENE_ASK, NULL },
	{ NULL, "watch-posts-during-refresh",  SCENE_DURING, SCENE_ABORT, NULL },
	{ NULL, "watch-posts-during-refresh",  SCENE_DURING, SCENE_FINISH, NULL },
	{ "2.68.3", "post-number-revision",    SCENE_AFTER,  SCENE_STAY, NULL },
	{ "2.68.3", "post-channel-quote",      SCENE_BEFORE, SCENE_STEP, "copy-snap-data" },

	/* Snaps that do not come from the replayed requests. */
	{ NULL, "multi-install",               SCENE_AFTER,  SCENE_POST, "{\"action\":\"install\"}" },
	{ NULL, "multi-remove",                SCENE_AFTER,  SCENE_TELL, GONE("microsample") },
	{ NULL, "local-install",               SCENE_AFTER,  SCENE_TELL, LOCAL("microlocal", "0.1") },
	{ NULL, "local-install-over-local",    SCENE_AFTER,  SCENE_TELL,
		"{\"do\":\"foreign\",\"kind\":\"refresh-snap\",\"snap\":\"microlocal\",\"revision\":\"x2\"}" },
	{ NULL, "local-install-over-local",    SCENE_AFTER,  SCENE_FINISH, NULL },
	{ NULL, "local-install-over-local",    SCENE_AFTER,  SCENE_TELL,
		SNAP("microlocal", "\"version\":\"0.2\",\"channel\":\"\"") },
	{ NULL, "local-microsample-install",   SCENE_AFTER,  SCENE_TELL, LOCAL("microsample", "1.0") },

	/* The daemon stops and starts. */
	{ NULL, "restart-idle.polls",          SCENE_DURING, SCENE_RESTART, NULL },
	{ NULL, "restart-idle.polls",          SCENE_DURING, SCENE_ASK, NULL },
	{ NULL, "sigkill-idle.polls",          SCENE_DURING, SCENE_KILL, NULL },
	{ "2.77.1", "sigkill-idle.polls",      SCENE_DURING, SCENE_TELL, FAULT("drop-unacted") },
	{ "2.77.1", "sigkill-idle.polls",      SCENE_DURING, SCENE_ASK, NULL },
	{ NULL, "sigkill-idle.polls",          SCENE_DURING, SCENE_ASK, NULL },
	{ NULL, "stop-service-only.polls",     SCENE_DURING, SCENE_RESTART, NULL },
	{ NULL, "stop-service-only.polls",     SCENE_DURING, SCENE_ASK, NULL },
	{ "2.77.1", "stop-service-and-socket.polls", SCENE_DURING, SCENE_ASK_DYING, NULL },
	{ NULL, "stop-service-and-socket.polls", SCENE_DURING, SCENE_TELL, AWAY("refused") },
	{ NULL, "stop-service-and-socket.polls", SCENE_DURING, SCENE_ASK, NULL },
	{ NULL, "start-again.polls",           SCENE_DURING, SCENE_TELL, BACK },
	{ NULL, "start-again.polls",           SCENE_DURING, SCENE_ASK, NULL },
	{ NULL, "socket-file-without-listener", SCENE_BEFORE, SCENE_TELL, AWAY("refused") },
	{ NULL, "socket-missing",              SCENE_AFTER,  SCENE_TELL, BACK },
	{ NULL, "frozen-daemon",               SCENE_BEFORE, SCENE_TELL, AWAY("hang") },
	{ NULL, "frozen-daemon",               SCENE_AFTER,  SCENE_TELL, BACK },
	{ NULL, "restart-during-download",     SCENE_AFTER,  SCENE_STEP, "download-snap" },
	{ NULL, "restart-during-download",     SCENE_AFTER,  SCENE_RESTART, NULL },
	{ NULL, "sigkill-during-download",     SCENE_AFTER,  SCENE_STEP, "download-snap" },
	{ NULL, "sigkill-during-download",     SCENE_AFTER,  SCENE_KILL, NULL },
	{ NULL, "restart-during-post-refresh-hook", SCENE_AFTER, SCENE_STEP, "Run post-refresh hook" },
	{ NULL, "restart-during-post-refresh-hook", SCENE_AFTER, SCENE_RESTART, NULL },

	/* The state of the recorded machine between the exchanges. */
	{ NULL, "abort-at-once",               SCENE_BEFORE, SCENE_POST, REFRESH("latest/edge") },
	{ NULL, "abort-at-once",               SCENE_BEFORE, SCENE_POST, REFRESH("latest/stable") },
	{ NULL, "after-client-hung-up",        SCENE_BEFORE, SCENE_POST, REFRESH("latest/stable") },
	{ NULL, "after-client-hung-up",        SCENE_BEFORE, SCENE_TELL, STORE("\"delay-ms\":2000") },
	{ NULL, "after-client-hung-up",        SCENE_BEFORE, SCENE_HANG_UP, REFRESH("latest/beta") },
	{ "2.68.3", "post-in-flight-sigkill",  SCENE_DURING, SCENE_KILL, NULL },
	{ "2.68.3", "post-in-flight-restart",  SCENE_DURING, SCENE_RESTART, NULL },
	{ "2.68.3", "post-in-flight-restart",  SCENE_AFTER,  SCENE_TELL, STORE("\"delay-ms\":0") },

	{ NULL, NULL, SCENE_BEFORE, SCENE_STAY, NULL },
};
/* clang-format on */

/* "012-name" without its number; others as they are. */
static const char *bare(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	return digits == 3 && name[3] == '-' ? name + 4 : name;
}

static bool is_for(const struct scene *scene, const char *version)
{
	return !scene->version || strcmp(scene->version, version) == 0;
}

int scene_count(const char *version)
{
	int ret = 0;

	for (const struct scene *scene = scenes; scene->name; scene++)
		ret += is_for(scene, version);
	return ret;
}

const struct scene *scene_next(const struct scene *previous, const char *version, const char *name)
{
	const struct scene *scene = previous ? previous + 1 : scenes;

	for (; scene->name; scene++)
		if (strcmp(scene->name, bare(name)) == 0 && is_for(scene, version))
			return scene;
	return NULL;
}
