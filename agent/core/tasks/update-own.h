// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/images.h"
#include "core/tasks/run.h"

/* An update from inside: update.c has the image, update-run.c the boards. No other file
 * includes it. */

enum update_at {
	UPDATE_NEW,
	UPDATE_WAITS,    /* for other updates               */
	UPDATE_PREPARES, /* its image is got and checked    */
	UPDATE_READY,
	UPDATE_FAILED,
};

/* Counted: the group, and a prepare that is under way. */
struct bmc_update {
	unsigned refs;
	struct bmc_update *next;
	struct bmc_group *group; /* NULL: it has ended, or was not begun */
	enum update_at at;
	bool counts;               /* among those under way */
	struct bmc_params *params; /* until the image is there */
	struct bmc_prepared *image;
	char id[128]; /* of the image; "": not known yet */
	enum bmc_verify verify;
	bool dry;
	unsigned priority;
	char code[48], words[96]; /* of what failed */
	bool undo_only; /* the policy refuses the image by now: it is there for the way
			   back of boards that were begun before */
	int64_t rate_at, rate_done;
	/* sums of the boards that have ended */
	int64_t done, total, percent;
	/* of a dry run */
	int64_t bytes, ms; /* all of its boards; the slowest one's time */
	bool assumed;      /* no rate was known */
	struct bmc_timer *timer;
};

/** Whether something may have been written to its board, which is to be undone when it
 * can't be gone on with. */
bool bmc_update_is_begun(const struct bmc_run *run);
