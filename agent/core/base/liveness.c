// SPDX-License-Identifier: Apache-2.0
// The list of watched threads, see liveness.h. Called by those who have threads, and by
// the daemon's watchdog.
#include "core/base/liveness.h"

#include <stdatomic.h>
#include <sys/queue.h>

#include "core/base/util.h"

struct bmc_live {
	LIST_ENTRY(bmc_live) link;
	char name[32];
	atomic_bool beat; /* since the last round */
	unsigned missed;
};

static LIST_HEAD(, bmc_live) list = LIST_HEAD_INITIALIZER(list);

struct bmc_live *bmc_live_new(const char *name)
{
	struct bmc_live *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	(void)bmc_copy(l->name, sizeof(l->name), name);
	atomic_store(&l->beat, true);
	LIST_INSERT_HEAD(&list, l, link);
	return l;
}

struct bmc_live *bmc_live_free(struct bmc_live *l)
{
	if (l)
		LIST_REMOVE(l, link);
	free(l);
	return NULL;
}

void bmc_live_beat(struct bmc_live *l)
{
	if (l)
		atomic_store(&l->beat, true);
}

unsigned bmc_live_round(const char **ret_name)
{
	struct bmc_live *l;
	unsigned most = 0;

	LIST_FOREACH (l, &list, link) {
		l->missed = atomic_exchange(&l->beat, false) ? 0 : l->missed + 1;
		if (l->missed > most) {
			most = l->missed;
			*ret_name = l->name;
		}
	}
	return most;
}

static _Atomic int64_t live_until = INT64_MAX; /* no rounds are counted yet */

void bmc_live_until(int64_t until)
{
	atomic_store(&live_until, until);
}

bool bmc_live_is(void)
{
	return bmc_now() < atomic_load(&live_until);
}
