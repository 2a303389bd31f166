// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"

/* What the journal holds at start: ended tasks are shown again, those that were cut
 * short are ended or gone on with. Main thread; execute.c calls. */

/** Loads tasks and jobs; boards of jobs that will go on are claimed. */
int bmc_resume_load(struct bmc_error *err);
/** Goes on, once the instances run and the boards' first readings are in (5 s at most).
 */
void bmc_resume_start(void);
/** Forgets what was not gone on with: it stays in the journal. */
void bmc_resume_done(void);
