// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/plugin/host.h"

/* What outlives a restart about boards whose calls never came back: how often each did
 * that to which instance, and when the daemon restarted itself because of them. Such a
 * board is probed late and only one of them at a time (probe.c), so that a restart that
 * did not help is not followed by the next one; and restarts are BMC_RESTART_WAIT_MS
 * apart, doubling. Main thread. */

#define BMC_RESTART_WAIT_MS  600000   /* at least, between two restarts       */
#define BMC_RESTART_WAIT_MAX 86400000 /* at most                              */
#define BMC_SUSPECT_MS       10000    /* first probe of a suspect after start */
#define BMC_SUSPECT_MAX_MS   300000

/* Restarts so far. Times are wall clock, in milliseconds. */
struct bmc_restarts {
	int64_t last; /* 0: none */
	int64_t n;    /* one after the other */
};

/** Milliseconds until the next restart is allowed; 0: now. */
int64_t bmc_restart_wait(const struct bmc_restarts *r, int64_t wall_now);
/** Counts a restart; a long quiet time starts the count again. */
void bmc_restart_count(struct bmc_restarts *r, int64_t wall_now);

/** How long a board that has hung `times` times rests before its next probe. */
int64_t bmc_suspect_rest(unsigned times);

/** Loads what is stored. */
void bmc_quarantine_init(void);
void bmc_quarantine_done(void);
/** Gives a new instance's exec_slots what is stored of them. */
void bmc_quarantine_restore(struct bmc_host *host);

/** A call in this exec_slot did not come back. Only exec_slots that are probed are
 * counted. */
void bmc_exec_slot_hung(struct bmc_exec_slot *exec_slot);
/** A call in this exec_slot has come back by itself. */
void bmc_exec_slot_answered(struct bmc_exec_slot *exec_slot);

/** Has the daemon restart itself now, or as soon as that is allowed if there are still
 * BMC_ABANDONED_MAX abandoned threads then. It is stored first: with a database that
 * takes no writes there is no restart. */
void bmc_quarantine_restart(void);
