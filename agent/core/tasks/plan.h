// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/store.h"

/* How many of a transaction's boards are under way at once. All zero: all of them, at
 * once (the power sequencer still spaces what powers boards up). */

struct bmc_group;
struct bmc_run;

struct bmc_plan {
	uint32_t batch;  /* boards of one wave; 0: all. The next wave begins when all of
			    the last one have ended, `delay` later */
	uint32_t canary; /* so many boards go first, alone; when one of them does not
			    complete, the others are not begun */
	uint32_t per_blade; /* boards of one blade under way at once; 0: no limit */
	int64_t delay;      /* ms */
	int64_t apply_at;   /* wall clock, ms; 0: at once */
	int64_t until; /* wall clock, ms: what has not begun by then does not; 0: no
			  limit */
	uint32_t stop_after; /* so many failed boards, and no more are begun; 0: no
				limit */
};

/* What the plan keeps of a group while it runs; main thread. */
struct bmc_waves {
	struct bmc_run *waiting; /* in the order of their numbers */
	size_t under_way;
	size_t room; /* boards that this wave may still begin      */
	size_t failed;
	const char *stopped; /* why no more are begun; NULL: they are */
	int64_t next;        /* when the next wave may begin               */
	struct bmc_timer *timer;
};

/** Whether there is anything to wait for. */
bool bmc_plan_any(const struct bmc_plan *plan);
/** Whether it begins later than now. Its boards are free for others until then. */
bool bmc_plan_deferred(const struct bmc_plan *plan);
/** The plan as text for the parent task's record, and back. What can't be read is no
 * plan. */
void bmc_plan_format(const struct bmc_plan *plan, char *text, size_t size);
void bmc_plan_parse(struct bmc_plan *plan, const char *text);

/** A run waits until its group's plan begins it (bmc_run_start). */
void bmc_plan_enter(struct bmc_run *run);
/** A run that was begun before a restart counts as under way. */
void bmc_plan_begun(struct bmc_run *run);
/** A run has ended, or won't begin. */
void bmc_plan_leave(struct bmc_run *run, bool completed);
/** A child that had ended before a restart: the next wave is `delay` away. */
void bmc_plan_ended(struct bmc_group *g, uint32_t number, bool completed);
/** What the run waited for has come. */
void bmc_plan_due(struct bmc_run *run);
/** What the group's update waited for has come. */
void bmc_plan_wake(struct bmc_group *g);
void bmc_plan_done(struct bmc_group *g);
