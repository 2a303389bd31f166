// SPDX-License-Identifier: Apache-2.0
// The list of other agents, see neighbours.h. The search's thread merges what it finds;
// those that read the list copy it.
#include "neighbours/neighbours.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/thread.h"
#include "core/base/util.h"
#include "neighbours/table.h"

#define WAIT_MS    3000 /* for answers to searches      */
#define TIMEOUT_MS 5000 /* of asking one service root   */
#define AT_ONCE    16
#define STEP_MS    200 /* an end of the agent waits so long */

static struct {
	pthread_mutex_t mx; /* for all below, but not for `thread` */
	bool searching, stopping;
	int64_t searched;
	char self[37];
	struct neighbour_table table;
	bool made; /* `thread` is to be joined; one search at a time uses it */
	pthread_t thread;
} all = { .mx = PTHREAD_MUTEX_INITIALIZER };

static void take(const struct scan_list *found)
{
	(void)pthread_mutex_lock(&all.mx);
	neighbour_table_take(&all.table, found, all.self, bmc_now());
	(void)pthread_mutex_unlock(&all.mx);
}

/* ---- a search ---- */

static bool is_stopping(void)
{
	bool stopping;

	(void)pthread_mutex_lock(&all.mx);
	stopping = all.stopping;
	(void)pthread_mutex_unlock(&all.mx);
	return stopping;
}

static void search(const struct scan_options *o)
{
	struct scan *s = scan_new(o);
	size_t n = 0;

	while (s && !is_stopping() && scan_step(s, -1, STEP_MS)) {
		if (scan_found(s)->n == n)
			continue;
		n = scan_found(s)->n;
		take(scan_found(s));
	}
	if (s)
		take(scan_found(s)); /* with the addresses that came late */
	scan_free(s);
}

static void *run(void *arg)
{
	char self[sizeof(all.self)];
	const struct scan_options o = { .multicast = true,
					.wait_ms = WAIT_MS,
					.timeout_ms = TIMEOUT_MS,
					.at_once = AT_ONCE,
					.self = self };

	(void)pthread_mutex_lock(&all.mx);
	memcpy(self, all.self, sizeof(self));
	(void)pthread_mutex_unlock(&all.mx);
	search(&o);
	(void)pthread_mutex_lock(&all.mx);
	all.searched = bmc_now();
	all.searching = false;
	(void)pthread_mutex_unlock(&all.mx);
	return arg;
}

/* With the lock held. A thread that is joined here has given the lock back for good:
 * `searching` is its last word. */
static int begin(const char *self)
{
	int r;

	if (all.made)
		(void)pthread_join(all.thread, NULL);
	(void)bmc_copy(all.self, sizeof(all.self), self);
	r = bmc_thread_new(&all.thread, run, NULL);
	all.made = all.searching = r == 0;
	return r;
}

/* ---- for others ---- */

static int copy(struct neighbours *ret)
{
	const struct neighbour_table *t = &all.table;

	ret->list = malloc((t->n + 1) * sizeof(*ret->list));
	if (!ret->list)
		return BMC_ENOMEM;
	memcpy(ret->list, t->list, t->n * sizeof(*ret->list));
	ret->n = t->n;
	ret->searching = all.searching;
	ret->searched = all.searched;
	return 0;
}

int neighbours_read(const char *self, struct neighbours *ret)
{
	int64_t now = bmc_now();
	int r = 0;

	*ret = (struct neighbours){ .list = NULL };
	(void)pthread_mutex_lock(&all.mx);
	neighbour_table_age(&all.table, now);
	if (!all.searching && !all.stopping &&
	    (!all.searched || now >= all.searched + NEIGHBOURS_EVERY_MS))
		r = begin(self);
	if (r == 0)
		r = copy(ret);
	(void)pthread_mutex_unlock(&all.mx);
	return r;
}

int neighbours_start(struct bmc_error *err)
{
	(void)err;
	(void)pthread_mutex_lock(&all.mx);
	all.stopping = false;
	all.searched = 0;
	all.table.n = 0;
	(void)pthread_mutex_unlock(&all.mx);
	return BMC_OK;
}

void neighbours_stop(void)
{
	(void)pthread_mutex_lock(&all.mx);
	all.stopping = true;
	(void)pthread_mutex_unlock(&all.mx);
	if (all.made)
		(void)pthread_join(all.thread, NULL);
	all.made = false;
}
