/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/names.h"

#include <assert.h>
#include <string.h>

/* clang-format off */
#define HEAD(text, ...)   text,
#define FIRST(name, ...)  HEAD(__VA_ARGS__, )
#define TEXTS(kind, PREFIX, LIST) static const char *const kind##_names[] = { LIST(FIRST) };
FSM_KINDS(TEXTS)

#define THIRD(name, text, meaning)      meaning,
#define FOURTH(name, text, op, meaning) meaning,
static const char *const state_meanings[]  = { FSM_STATES(THIRD) };
static const char *const event_meanings[]  = { FSM_EVENTS(THIRD) };
static const char *const effect_meanings[] = { FSM_EFFECTS(FOURTH) };

#define TRAITS(name, text, traits) traits,
static const int hook_traits[FSM_HOOK_COUNT] = { FSM_HOOKS(TRAITS) };
/* clang-format on */

static const char *name_of(const char *const *names, unsigned count, unsigned value)
{
	assert(value < count);
	return names[value];
}

static int value_of(const char *const *names, unsigned count, const char *name, unsigned *ret)
{
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = i;
			return 0;
		}
	}
	return -1;
}

/* clang-format off */
#define DEFINE(kind, PREFIX, LIST) \
	const char *fsm_##kind##_name(enum fsm_##kind value) \
	{ \
		return name_of(kind##_names, FSM_##PREFIX##_COUNT, (unsigned)value); \
	} \
	int fsm_##kind##_named(const char *name, enum fsm_##kind *ret) \
	{ \
		unsigned value; \
		if (value_of(kind##_names, FSM_##PREFIX##_COUNT, name, &value) < 0) \
			return -1; \
		*ret = (enum fsm_##kind)value; \
		return 0; \
	}
FSM_KINDS(DEFINE)
/* clang-format on */

const char *fsm_state_meaning(enum fsm_state state)
{
	return name_of(state_meanings, FSM_STATE_COUNT, state);
}

const char *fsm_event_meaning(enum fsm_event event)
{
	return name_of(event_meanings, FSM_EVENT_COUNT, event);
}

const char *fsm_effect_meaning(enum fsm_effect effect)
{
	return name_of(effect_meanings, FSM_DO_COUNT, effect);
}

enum fsm_hook fsm_hook_of(const char *name, bool about, bool itself)
{
	const char *relation = fsm_hook_name(FSM_HOOK_FLEET);
	size_t length = strlen(relation);
	bool fleet = strncmp(name, relation, length) == 0 && name[length] == '-';
	enum fsm_hook hook = fleet ? FSM_HOOK_FLEET : FSM_HOOK_OTHER;

	(void)fsm_hook_named(name, &hook);
	if (hook == FSM_HOOK_TOLD && !about)
		return FSM_HOOK_SIGNAL;
	return hook == FSM_HOOK_DEPARTED && !itself ? FSM_HOOK_FLEET : hook;
}

bool fsm_hook_is(enum fsm_hook hook, enum fsm_hook_trait trait)
{
	assert((unsigned)hook < FSM_HOOK_COUNT);
	return (hook_traits[hook] & (int)trait) != 0;
}
