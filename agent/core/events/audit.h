// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "core/model/action.h"

/* The audit log: a row for each action that was asked for and for each login, written
 * where the action API and agent/auth decide. Bounded; the newest are in the snapshot,
 * more in the database. */

#define BMC_AUDIT_KEPT   1000u /* in the snapshot, of 384 bytes each */
#define BMC_AUDIT_LISTED 500u  /* a client that has a list of them finds each of it */

/** Loads the records of the database. After bmc_events_init. Main thread. */
int bmc_audit_init(struct bmc_error *err);
void bmc_audit_done(void);

/** Adds a record; texts are copied. `target` and `detail` may be NULL. Any thread. */
void bmc_audit(const struct bmc_actor *who, const char *action, const char *target,
	       const char *detail, bool accepted);
