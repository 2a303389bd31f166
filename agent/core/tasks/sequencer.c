// SPDX-License-Identifier: Apache-2.0
/* The inrush gate: of all transactions together, boards are powered up one after the
 * other, the platform's inrush delay apart, counted from the moment a power verb came
 * back. */
#include "core/base/util.h"
#include "core/tasks/run.h"

#define HANG_MS 1000 /* a verb that hangs delays the next board by this and no more */

static int64_t inrush, next;
static struct bmc_run *queue, *holder;
static struct bmc_timer *timer;

static void pump(void *arg);

static void pump_later(void)
{
	timer = bmc_timer_cancel(timer);
	if (queue)
		timer = bmc_timer_new(next, pump, NULL);
}

static void pump(void *arg)
{
	struct bmc_run *run = queue;
	int64_t now = bmc_now();

	(void)arg;
	timer = NULL;
	if (run && now >= next) {
		queue = run->sequencer_next;
		run->sequencer_next = NULL;
		holder = run;
		next = now + inrush + HANG_MS;
		bmc_run_verb(run);
	}
	pump_later();
}

void bmc_sequencer_enter(struct bmc_run *run)
{
	struct bmc_run **p = &queue;

	run->at = BMC_RUN_SEQUENCER;
	while (*p)
		p = &(*p)->sequencer_next;
	*p = run;
	if (!timer)
		timer = bmc_timer_new(MAX(next, bmc_now()), pump, NULL);
}

void bmc_sequencer_leave(struct bmc_run *run)
{
	for (struct bmc_run **p = &queue; *p; p = &(*p)->sequencer_next) {
		if (*p == run) {
			*p = run->sequencer_next;
			break;
		}
	}
	if (holder != run)
		return;
	holder = NULL;
	next = MIN(next, bmc_now() + inrush);
	pump_later();
}

void bmc_sequencer_init(int64_t inrush_ms)
{
	inrush = inrush_ms;
	/* before a crash a board may have been powered up just now */
	next = bmc_now() + inrush;
}

void bmc_sequencer_done(void)
{
	timer = bmc_timer_cancel(timer);
	queue = holder = NULL;
}
