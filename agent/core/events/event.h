// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "core/ports/store.h"
#include "core/snapshot/snapshot.h"

/* Events are derived: bmc_events_diff compares two snapshots by the table of rules in
 * rules.c and makes a row of kind `event` for each difference that matters. A
 * trap, a Redfish event, a log entry and an alert are all views of that row, so they
 * can't disagree. What is no state (a login, a refusal, a fallback) is raised by hand
 * and takes the same way. The last BMC_EVENTS_KEPT are in the snapshot, older ones in
 * the database. */

#define BMC_EVENTS_KEPT 1000u

/** What an event type means, one line each in types.c. */
struct bmc_event_type {
	const char *name; /* PascalCase: the id in the message registry  */
	enum bmc_severity severity;
	unsigned n_args;
	const char *message; /* with %1 %2 %3 for the arguments             */
	const char *resolution;
	const char *doc;
};
/** All types; ends with a NULL name. */
extern const struct bmc_event_type bmc_event_types[];
const struct bmc_event_type *bmc_event_type_find(const char *name);

/** Loads the events of the database and derives events and conditions from each
 *  publication from now on. After the inventory's init. Main thread. */
int bmc_events_init(struct bmc_error *err);
void bmc_events_done(void);

/** Calls `each` with a filled event row (index and time still 0) for each difference
 * between `old` and `new` that a rule names. Pure: no clock, no I/O. */
void bmc_events_diff(const struct bmc_snapshot *old, const struct bmc_snapshot *new,
		     void (*each)(void *arg, const struct bmc_event *), void *arg);

/** Raises an occurrence that is no state. Any thread; texts are copied. `origin` is a
 * handle or 0. Unknown types are a programming error and are logged. */
void bmc_event_raise(const char *type, uint32_t origin, const char *arg1,
		     const char *arg2, const char *arg3);

/** Removes all events that exist now, first in the database and then in memory, and
 * adds LogCleared, which says who did it. `done` is called when both is so, or, with an
 * error, when nothing was removed; it is not called when this returns an error
 * (BMC_EAGAIN, BMC_ENOMEM). Main thread. */
int bmc_events_clear(const char *user, const char *client, bmc_store_done *done,
		     void *arg);
