// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "daemon/daemon.h"

/* The two bounds on a daemon that does not work any more: while it runs, and while it
 * ends. */

#define BMC_STOP_MS 8000 /* for the parts to end; their flush has 2 s more */

/** Feeds the service manager's watchdog while the threads of core/base/liveness.h run.
 * When one is silent for half of `hang_timeout` it stops, and after all of it the
 * daemon ends with BMC_EXIT_RESTART, for there may be no service manager. Main thread.
 */
void bmc_watch_start(struct bmc_daemon *d);
void bmc_watch_stop(void);

/** From now on the process ends within BMC_STOP_MS + 2 s: when it has not by then,
 * another thread logs the part that hangs, calls `flush` (which takes at most 2 s) and
 * exits with `status`, or with EXIT_FAILURE for 0. Main thread. */
void bmc_stop_begin(int status, void (*flush)(void));
/** The part (static text) that is ended next. */
void bmc_stop_part(const char *name);
