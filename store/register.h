/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of the register: a folder of the machine with one small file for each unit, named by its
 * tag. fsm/register.h has what follows from them. The folder itself is the lock. A file is written
 * beside and renamed, so it is whole or as it was; what else lies there is neither followed nor
 * believed. A unit whose charm has no database of ours any more does not live, and its file goes.
 *
 * A unit that is not in the register cannot tell one that was lost from one that never was. It looks
 * through the folder of the agents for units of this charm, and takes those to be there.
 */
#ifndef STORE_REGISTER_H
#define STORE_REGISTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "fsm/register.h"

enum {
	STORE_REGISTER_MAX = 64,     /* units that live on one machine */
	STORE_REGISTER_NAMES = 4096, /* in a folder that is read */
};

enum store_register_use {
	STORE_REGISTER_LOOK,  /* nothing is written */
	STORE_REGISTER_LEAVE, /* no folder is made, and nobody entered */
	STORE_REGISTER_ENTER,
};

struct store_register {
	const char *path;
	enum store_register_use use;
	int fd;      /* the folder, locked; -1: there is none */
	bool listed; /* this unit is in it, with OWN */
	struct fsm_entry own;
	struct fsm_entry others[STORE_REGISTER_MAX];
	size_t count;
};

/*
 * Locks the register at PATH, waiting at most for WAIT milliseconds, and reads it for UNIT, whose charm is
 * in DIRECTORY. After -1 what RET has may not be all; it is to be closed all the same. RET may be used
 * as long as PATH is there.
 */
int store_register_open(const char *path, enum store_register_use use, int64_t wait,
	const char *unit, const char *directory, struct store_register *ret, struct error *err);
void store_register_close(struct store_register *list);

/* Enters ENTRY; it is on disk when 0 is returned. */
int store_register_enter(
	struct store_register *list, const struct fsm_entry *entry, struct error *err);

/* Takes UNIT out, and the folder with it when that is empty then. */
int store_register_leave(struct store_register *list, const char *unit, struct error *err);

#endif
