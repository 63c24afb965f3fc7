/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little Snap Store behind the stand-in snapd, and the channel grammar: what is released where,
 * what a channel resolves to, and how a store can fail. The releases and the rules are those of the
 * recordings.
 */
#ifndef TESTS_SANDBOX_SNAPD_STORE_H
#define TESTS_SANDBOX_SNAPD_STORE_H

#include "tests/sandbox/snapd_state.h"

/* Restores the default releases, and removes all trouble. */
void sim_store_reset(struct sim_store *store);

/*
 * Sets knobs, see --help; -1 for an unknown one. "channels" is for the snap that "snap" names, or
 * else for microsample; "releases" is a list that replaces all releases.
 */
int sim_store_set(struct sim_store *store, const cJSON *knobs, struct error *err);

/* The knobs and the releases, as sim_store_set() takes them; the caller owns the object. */
cJSON *sim_store_save(const struct sim_store *store);

/*
 * The revision that CHANNEL (in any spelling) of SNAP gives: that of the branch, else of the risk,
 * else of the next more stable risk of the same track. -1 if there is none.
 */
int sim_store_find(const struct sim_store *store, const char *snap, const char *channel,
	struct sim_revision *ret);

/* The revision NUMBER of SNAP, wherever it is released. -1 when there is none. */
int sim_store_find_number(const struct sim_store *store, const char *snap, const char *number,
	struct sim_revision *ret);

/* Whether the store has SNAP at all. */
bool sim_store_has(const struct sim_store *store, const char *snap);

/* Every release of SNAP, as the `releases` of an answer: channels without "latest/". */
cJSON *sim_store_releases(const struct sim_store *store, const char *snap);

/* The id of a snap in the store. RET holds SIZE bytes. */
void sim_store_id(const char *snap, char *ret, size_t size);

/* Installs REVISION of SNAP at once, without a change. */
void sim_store_install(struct sim *sim, const char *snap, const struct sim_revision *revision,
	const char *tracking);

/* The message for a channel that no request may name; NULL when it may. Caller frees. */
char *sim_channel_fault(const char *channel);

/* CHANNEL as track/risk[/branch]. RET holds SIZE bytes. */
void sim_channel_full(const char *channel, char *ret, size_t size);

/* What a refresh to WANTED means for a snap that tracks TRACKING: a risk alone keeps the track. */
void sim_channel_resolve(const char *tracking, const char *wanted, char *ret, size_t size);

#endif
