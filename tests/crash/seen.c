/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/seen.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#include "tests/crash/tree.h"

enum {
	ROOM = 65536,
};

struct seen {
	atomic_ullong numbers[ROOM]; /* each number at the first free place after its own */
};

struct seen *seen_new(void)
{
	void *map = mmap(NULL, sizeof(struct seen), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		tree_fail("mmap");
	return map;
}

void seen_free(struct seen *seen)
{
	(void)munmap(seen, sizeof *seen);
}

bool seen_before(struct seen *seen, unsigned long long number)
{
	number += number == 0; /* 0 is a free place */
	for (size_t i = 0; i < ROOM; i++) {
		unsigned long long there = 0;

		if (atomic_compare_exchange_strong(
			    &seen->numbers[(number + i) % ROOM], &there, number))
			return false;
		if (there == number)
			return true;
	}
	return false;
}
