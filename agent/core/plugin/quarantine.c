// SPDX-License-Identifier: Apache-2.0
/* Boards whose calls never came back, over restarts; see quarantine.h. Used by call.c
 * and probe.c. */
#include "core/plugin/quarantine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/plugin/instance.h"
#include "core/ports/store.h"

#define META_RESTART "restarts of the daemon" /* no instance has a name like that */
#define HUNG         "hung"
#define HUNG_MAX     1000

/* What the store holds of one board and instance, so that an instance which a reload
 * makes does not wait for the disk. Only boards that have hung have one. */
struct hung {
	LIST_ENTRY(hung) link;
	char board[BMC_ID_MAX], instance[BMC_ID_MAX];
	unsigned n;
};

static struct {
	LIST_HEAD(, hung) hung;
	struct bmc_restarts restarts;
	struct bmc_timer *timer;
	bool asked; /* the restart is being stored, or under way */
} q;

/* ---- rules ---- */

int64_t bmc_restart_wait(const struct bmc_restarts *r, int64_t wall_now)
{
	int64_t wait = BMC_RESTART_WAIT_MS << MIN(MAX(r->n, 1) - 1, 8);

	if (!r->last)
		return 0;
	/* a clock that was set back must not forbid it for ever */
	wait = MIN(wait, BMC_RESTART_WAIT_MAX);
	return MIN(MAX(r->last + wait - wall_now, 0), wait);
}

void bmc_restart_count(struct bmc_restarts *r, int64_t wall_now)
{
	if (!r->last || wall_now - r->last >= 2 * (int64_t)BMC_RESTART_WAIT_MAX)
		r->n = 0;
	r->n++;
	r->last = wall_now;
}

int64_t bmc_suspect_rest(unsigned times)
{
	int64_t rest = (int64_t)BMC_SUSPECT_MS << MIN(MAX(times, 1u) - 1, 8u);

	return MIN(rest, (int64_t)BMC_SUSPECT_MAX_MS);
}

/* ---- boards ---- */

static struct hung *find(const char *board, const char *instance)
{
	struct hung *h;

	LIST_FOREACH (h, &q.hung, link) {
		if (strcmp(h->board, board) == 0 && strcmp(h->instance, instance) == 0)
			return h;
	}
	return NULL;
}

static void drop(struct hung *h)
{
	LIST_REMOVE(h, link);
	free(h);
}

static void note(const char *board, const char *instance, unsigned n)
{
	struct hung *h = find(board, instance);

	if (n == 0) {
		if (h)
			drop(h);
		return;
	}
	if (!h) {
		h = calloc(1, sizeof(*h));
		if (!h)
			return;
		(void)bmc_copy(h->board, sizeof(h->board), board);
		(void)bmc_copy(h->instance, sizeof(h->instance), instance);
		LIST_INSERT_HEAD(&q.hung, h, link);
	}
	h->n = n;
}

static void set_hung(struct bmc_exec_slot *exec_slot, unsigned n)
{
	struct bmc_record r = {
		.type = BMC_REC_META, .kind = BMC_BOARD, .num = n, .text = HUNG
	};

	if (exec_slot->slot->kind != BMC_BOARD || exec_slot->hung == n ||
	    exec_slot != bmc_host_exec_slot(exec_slot->host, exec_slot->slot, NULL))
		return;
	exec_slot->hung = n;
	note(exec_slot->slot->id, exec_slot->host->conf.name, n);
	(void)bmc_copy(r.id, sizeof(r.id), exec_slot->slot->id);
	(void)bmc_copy(r.field, sizeof(r.field), exec_slot->host->conf.name);
	if (bmc_store && bmc_store->write(&r, 1, NULL, NULL) < 0)
		log_limited(LOG_WARNING, "%s: that it hangs could not be stored",
			    exec_slot->slot->id);
}

void bmc_exec_slot_hung(struct bmc_exec_slot *exec_slot)
{
	set_hung(exec_slot, MIN(exec_slot->hung + 1, HUNG_MAX));
}

void bmc_exec_slot_answered(struct bmc_exec_slot *exec_slot)
{
	if (exec_slot->hung)
		log_notice("instance %s: %s answers again", exec_slot->host->conf.name,
			   exec_slot->slot->id);
	set_hung(exec_slot, 0);
}

void bmc_quarantine_restore(struct bmc_host *host)
{
	const struct hung *h;

	LIST_FOREACH (h, &q.hung, link) {
		const struct bmc_slot *slot;

		if (strcmp(h->instance, host->conf.name) != 0)
			continue;
		slot = bmc_platform_slot(bmc_instances_platform(), BMC_BOARD, h->board);
		if (slot)
			bmc_host_exec_slot(host, slot, NULL)->hung = h->n;
	}
}

/* ---- restarts ---- */

static void on_timer(void *arg)
{
	(void)arg;
	q.timer = NULL;
	if (bmc_abandoned() >= BMC_ABANDONED_MAX)
		bmc_quarantine_restart();
}

static void later(int64_t ms)
{
	if (!q.timer)
		q.timer = bmc_timer_new(bmc_now() + ms, on_timer, NULL);
}

static void restart(void)
{
	if (bmc_restart_hook)
		bmc_restart_hook("too many calls of plugins never came back");
}

static void stored(void *arg, int code)
{
	(void)arg;
	q.asked = false;
	if (code == BMC_OK) {
		restart();
		return;
	}
	log_warning("no restart, though many calls of plugins never came back: that "
		    "can't be stored (%s)",
		    bmc_strerror(code));
	later(BMC_RESTART_WAIT_MS);
}

static int store_restart(void)
{
	struct bmc_record r = { .type = BMC_REC_META,
				.kind = BMC_BOARD,
				.field = META_RESTART,
				.num = q.restarts.last };

	(void)snprintf(r.text, sizeof(r.text), "%lld", (long long)q.restarts.n);
	return bmc_store->write_or_drop(&r, 1, stored, NULL);
}

void bmc_quarantine_restart(void)
{
	int64_t now = bmc_wall(bmc_now()), wait = bmc_restart_wait(&q.restarts, now);
	int code;

	if (q.asked)
		return;
	if (wait > 0) {
		if (!q.timer)
			log_warning("many calls of plugins never came back, but the "
				    "last restart for that was not long ago: the next "
				    "in %lld s if it stays so",
				    (long long)wait / 1000);
		later(wait);
		return;
	}
	bmc_restart_count(&q.restarts, now);
	q.asked = true;
	if (!bmc_store) {
		q.asked = false;
		restart();
		return;
	}
	code = store_restart();
	if (code < 0)
		stored(NULL, code);
}

/* ---- life ---- */

static int load_one(void *arg, const struct bmc_record *r)
{
	(void)arg;
	if (r->kind != BMC_BOARD)
		return 0;
	if (strcmp(r->field, META_RESTART) == 0)
		q.restarts = (struct bmc_restarts){
			.last = MIN(r->num, bmc_wall(bmc_now())),
			.n = strtol(r->text, NULL, 10),
		};
	else if (strcmp(r->text, HUNG) == 0)
		note(r->id, r->field, (unsigned)MIN(MAX(r->num, 0), HUNG_MAX));
	return 0;
}

void bmc_quarantine_init(void)
{
	memset(&q, 0, sizeof(q));
	if (bmc_store)
		(void)bmc_store->load(BMC_REC_META, BMC_BOARD, load_one, NULL);
}

void bmc_quarantine_done(void)
{
	struct hung *h;

	q.timer = bmc_timer_cancel(q.timer);
	while ((h = LIST_FIRST(&q.hung)))
		drop(h);
}
