// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Who waits for a fetch or a check, and may not want it any more. */
struct upd_watch {
	/** What is done: `stage` is "fetch", "check" or "store" (static), `done` of
	 * `total` bytes (BMC_UNKNOWN: not known). False: it is not wanted any more. */
	bool (*report)(struct upd_watch *w, const char *stage, int64_t done,
		       int64_t total);
};

static inline bool upd_report(struct upd_watch *w, const char *stage, int64_t done,
			      int64_t total)
{
	return w->report(w, stage, done, total);
}
