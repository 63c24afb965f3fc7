/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_system.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/snapd_render.h"

/* Which of the two versions shows it. */
enum {
	OLDER = 1,
	NEWER = 2,
	BOTH = OLDER | NEWER
};

/* clang-format off */
static const char apparmor[] = "cannot check apparmor kernel features: "
	"open /sys/kernel/security/apparmor/features: no such file or directory";

static const struct {
	const char *name;
	unsigned versions;
	bool enabled;
	const char *unsupported; /* the reason, or NULL */
} features[] = {
	{ "apparmor-prompting", BOTH, false, apparmor },
	{ "check-disk-space-install", BOTH, false, NULL },
	{ "check-disk-space-refresh", BOTH, false, NULL },
	{ "check-disk-space-remove", BOTH, false, NULL },
	{ "classic-preserves-xdg-runtime-dir", OLDER, true, NULL },
	{ "clustering", NEWER, false, NULL },
	{ "confdb", NEWER, false, NULL },
	{ "confdb-control", BOTH, false, NULL },
	{ "confdbs", OLDER, false, NULL },
	{ "content-compatibility-label", NEWER, false, NULL },
	{ "dbus-activation", OLDER, true, NULL },
	{ "gate-auto-refresh-hook", BOTH, false, NULL },
	{ "gpio-chardev-interface", OLDER, false, NULL },
	{ "hidden-snap-folder", BOTH, false, NULL },
	{ "hotplug", BOTH, false, NULL },
	{ "layouts", OLDER, true, NULL },
	{ "move-snap-home-dir", BOTH, false, NULL },
	{ "parallel-instances", BOTH, false, NULL },
	{ "per-user-mount-namespace", OLDER, false, NULL },
	{ "quota-groups", OLDER, false, NULL },
	{ "quota-groups", NEWER, true, NULL },
	{ "refresh-app-awareness", OLDER, true, NULL },
	{ "refresh-app-awareness-ux", BOTH, false, NULL },
	{ "remote-device-management", NEWER, false, NULL },
	{ "seed-refresh", NEWER, false, NULL },
	{ "snap-delta-format", NEWER, false, NULL },
	{ "user-daemons", BOTH, false, NULL },
};

static const struct {
	const char *name;
	unsigned versions;
	const char *values[12];
} sandbox[] = {
	{ "configfiles", BOTH,
	  { "mediated-configfiles", NULL } },
	{ "confinement-options", BOTH,
	  { "classic", "devmode", NULL } },
	{ "dbus", BOTH,
	  { "mediated-bus-access", NULL } },
	{ "kmod", BOTH,
	  { "mediated-modprobe", NULL } },
	{ "ldconfig", BOTH,
	  { "mediated-ldconfig", NULL } },
	{ "mount", BOTH,
	  { "layouts", "mount-namespace", "per-snap-persistency", "per-snap-profiles",
	    "per-snap-updates", "per-snap-user-profiles", "stale-base-invalidation", NULL } },
	{ "seccomp", BOTH,
	  { "bpf-actlog", "bpf-argument-filtering", "kernel:allow", "kernel:errno",
	    "kernel:kill_process", "kernel:kill_thread", "kernel:log", "kernel:trace",
	    "kernel:trap", "kernel:user_notif", NULL } },
	{ "symlinks", NEWER,
	  { "mediated-symlinks", NULL } },
	{ "udev", NEWER,
	  { "device-cgroup-v2", "device-filtering", "tagging", NULL } },
};
/* clang-format on */

static unsigned version_of(const struct sim *sim)
{
	return sim->newer ? NEWER : OLDER;
}

static void add_features(cJSON *info, const struct sim *sim)
{
	cJSON *list = cJSON_AddObjectToObject(info, "features");

	for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
		cJSON *feature;

		if (!(features[i].versions & version_of(sim)))
			continue;
		feature = cJSON_AddObjectToObject(list, features[i].name);
		cJSON_AddBoolToObject(feature, "supported", !features[i].unsupported);
		if (features[i].unsupported)
			cJSON_AddStringToObject(
				feature, "unsupported-reason", features[i].unsupported);
		cJSON_AddBoolToObject(feature, "enabled", features[i].enabled);
	}
}

static void add_sandbox(cJSON *info, const struct sim *sim)
{
	cJSON *list = cJSON_AddObjectToObject(info, "sandbox-features");

	for (size_t i = 0; i < sizeof sandbox / sizeof sandbox[0]; i++) {
		cJSON *values;

		if (!(sandbox[i].versions & version_of(sim)))
			continue;
		values = cJSON_AddArrayToObject(list, sandbox[i].name);
		for (const char *const *value = sandbox[i].values; *value; value++)
			cJSON_AddItemToArray(values, cJSON_CreateString(*value));
	}
}

static void add_machine(cJSON *info, const struct sim *sim)
{
	cJSON *part = cJSON_AddObjectToObject(info, "locations");
	char hold[64], next[64];

	cJSON_AddStringToObject(part, "snap-bin-dir", "/snap/bin");
	cJSON_AddStringToObject(part, "snap-mount-dir", "/snap");
	cJSON_AddFalseToObject(info, "managed");
	cJSON_AddTrueToObject(info, "on-classic");
	part = cJSON_AddObjectToObject(info, "os-release");
	cJSON_AddStringToObject(part, "id", "debian");
	cJSON_AddStringToObject(part, "version-id", "13");
	sim_render_time((sim_now(sim) / SIM_SECOND + 7200) * SIM_SECOND, hold, sizeof hold);
	sim_render_time(sim_now(sim) / SIM_SECOND * SIM_SECOND, next, sizeof next);
	part = cJSON_AddObjectToObject(info, "refresh");
	cJSON_AddStringToObject(part, "timer", "00:00~24:00/4");
	cJSON_AddStringToObject(part, "hold", hold);
	/* Recorded only at the start, and not later. */
	if (sim->posts == 0)
		cJSON_AddStringToObject(part, "next", next);
}

cJSON *sim_system_info(const struct sim *sim)
{
	cJSON *info = cJSON_CreateObject();

	cJSON_AddStringToObject(info, "architecture", "amd64");
	cJSON_AddStringToObject(info, "build-id",
		sim->newer ? "565d23112f2ae76e50ddd4f95549a82f3543a1eb"
			   : "870f8ef3b6e21e1593f3096e792721995e35c2f3");
	cJSON_AddStringToObject(info, "confinement", "partial");
	add_features(info, sim);
	cJSON_AddStringToObject(info, "kernel-version", "6.18.44-fc-v669");
	add_machine(info, sim);
	add_sandbox(info, sim);
	cJSON_AddStringToObject(info, "series", "16");
	if (sim->newer)
		cJSON_AddStringToObject(info, "snapd-bin-from", "native-package");
	cJSON_AddStringToObject(info, "system-mode", "run");
	cJSON_AddStringToObject(info, "version", sim->newer ? "2.77.1-2" : "2.68.3-3+deb13u1");
	cJSON_AddStringToObject(info, "virtualization", "container-other");
	return info;
}
