// SPDX-License-Identifier: Apache-2.0
/* The power sequencer: of all transactions together, boards are powered up one after
 * the other, the platform's inrush delay apart, counted from the moment a power verb
 * came back. */
#include "core/base/util.h"
#include "core/plugin/instance.h"
#include "core/snapshot/snapshot.h"
#include "core/tasks/run.h"

#define HANG_MS 1000 /* a verb that hangs delays the next board by this and no more */

static struct {
	int64_t inrush, next; /* next: when a board may be powered up again */
	struct bmc_run *queue, *holder;
	struct bmc_timer *timer;
} seq;

static void pump(void *arg);

/* The first that has been off for long enough; else NULL, and when one will be. */
static struct bmc_run **ready(int64_t now, int64_t *ret_next)
{
	*ret_next = INT64_MAX;
	for (struct bmc_run **p = &seq.queue; *p; p = &(*p)->sequencer_next) {
		*ret_next = MIN(*ret_next, (*p)->power_from);
		if ((*p)->power_from <= now)
			return p;
	}
	return NULL;
}

static void pump_later(void)
{
	int64_t next;

	seq.timer = bmc_timer_cancel(seq.timer);
	if (!seq.queue)
		return;
	(void)ready(bmc_now(), &next);
	seq.timer = bmc_timer_new(MAX(seq.next, next), pump, NULL);
}

static void pump(void *arg)
{
	int64_t now = bmc_now(), next;
	struct bmc_run **p = now >= seq.next ? ready(now, &next) : NULL;

	(void)arg;
	seq.timer = NULL;
	if (p) {
		struct bmc_run *run = *p;

		*p = run->sequencer_next;
		run->sequencer_next = NULL;
		seq.holder = run;
		seq.next = now + seq.inrush + HANG_MS;
		bmc_run_verb(run);
	}
	pump_later();
}

/* When its supply has been off for the platform file's time. After a start of the
 * daemon a board that is off counts from when that was seen. */
static int64_t off_for_long(const struct bmc_run *run)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_board *b =
		(const struct bmc_board *)bmc_snapshot_row(s, run->board);
	const struct bmc_slot *slot = bmc_platform_slot(bmc_instances_platform(),
							BMC_BOARD, run->row.target_id);

	if (!b || !slot || b->power_pin != 0 || b->power_since == BMC_UNKNOWN)
		return 0;
	return b->power_since + slot->pins[BMC_PIN_POWER].min_off_ms;
}

void bmc_sequencer_enter(struct bmc_run *run)
{
	struct bmc_run **p = &seq.queue;

	run->at = BMC_RUN_SEQUENCER;
	run->power_from = off_for_long(run);
	while (*p)
		p = &(*p)->sequencer_next;
	*p = run;
	pump_later();
}

void bmc_sequencer_leave(struct bmc_run *run)
{
	for (struct bmc_run **p = &seq.queue; *p; p = &(*p)->sequencer_next) {
		if (*p == run) {
			*p = run->sequencer_next;
			break;
		}
	}
	if (seq.holder != run)
		return;
	seq.holder = NULL;
	seq.next = MIN(seq.next, bmc_now() + seq.inrush);
	pump_later();
}

void bmc_sequencer_init(int64_t inrush_ms)
{
	seq.inrush = inrush_ms;
	/* before a crash a board may have been powered up just now */
	seq.next = bmc_now() + seq.inrush;
}

void bmc_sequencer_done(void)
{
	seq.timer = bmc_timer_cancel(seq.timer);
	seq.queue = seq.holder = NULL;
}
