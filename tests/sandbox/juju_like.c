/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_like.h"

#include <stdlib.h>
#include <string.h>

static const struct juju_like likes[] = {
	{
		.name = "3.6",
		.version = "3.6.8",
		.meters = true,
		.leader_settings = true,
		.private_address = true,
		.hears_departed = true,
		.refresh_adds = true,
		.any_action = true,
		.wrong_option = "",
		.resolving = "",
		.error_state = "an error state",
		.socket = "@",
		.path = ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	},
	{
		.name = "4.0",
		.version = "4.0.15",
		.needs_relation = true,
		.config_twice = true,
		.closed_params = true,
		.context_hex = true,
		.killed_pause = 3000,
		.wrong_option = "invalid application config: ",
		.resolving = "resolving unit: ",
		.error_state = "error state",
		.socket = "",
		.path = ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
	},
};

const struct juju_like *juju_like_find(const char *name)
{
	for (size_t at = 0; at < sizeof likes / sizeof *likes; at++)
		if (strcmp(likes[at].name, name) == 0)
			return &likes[at];
	return NULL;
}

int juju_like_chosen(const struct juju_like **ret, struct error *err)
{
	const char *name = getenv("SANDBOX_JUJU_LIKE");
	const struct juju_like *like = juju_like_find(name && *name ? name : likes[0].name);

	if (!like)
		return error_set(err, ERROR_FORMAT, "no Juju %s is played here", name);
	*ret = like;
	return 0;
}
