// SPDX-License-Identifier: Apache-2.0
/* The power sequencer: of all transactions together, boards are powered up one after
 * the other, the platform's inrush delay apart, counted from the moment a power verb
 * came back. */
#include "core/base/util.h"
#include "core/tasks/run.h"

#define HANG_MS 1000 /* a verb that hangs delays the next board by this and no more */

static struct {
	int64_t inrush, next; /* next: when a board may be powered up again */
	struct bmc_run *queue, *holder;
	struct bmc_timer *timer;
} seq;

static void pump(void *arg);

static void pump_later(void)
{
	seq.timer = bmc_timer_cancel(seq.timer);
	if (seq.queue)
		seq.timer = bmc_timer_new(seq.next, pump, NULL);
}

static void pump(void *arg)
{
	struct bmc_run *run = seq.queue;
	int64_t now = bmc_now();

	(void)arg;
	seq.timer = NULL;
	if (run && now >= seq.next) {
		seq.queue = run->sequencer_next;
		run->sequencer_next = NULL;
		seq.holder = run;
		seq.next = now + seq.inrush + HANG_MS;
		bmc_run_verb(run);
	}
	pump_later();
}

void bmc_sequencer_enter(struct bmc_run *run)
{
	struct bmc_run **p = &seq.queue;

	run->at = BMC_RUN_SEQUENCER;
	while (*p)
		p = &(*p)->sequencer_next;
	*p = run;
	if (!seq.timer)
		seq.timer = bmc_timer_new(MAX(seq.next, bmc_now()), pump, NULL);
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
