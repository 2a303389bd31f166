// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/events/event.h"
#include "core/ports/store.h"

/** Fills in an event from its type and arguments (NULL: none), with its message. */
void bmc_event_fill(struct bmc_event *ev, const struct bmc_event_type *type,
		    const char *const args[3]);

/** Removes all events, those in the database also, and adds LogCleared, which says who
 * did it: one transaction. `done` may be NULL. BMC_EAGAIN: nothing was removed. Main
 * thread. */
int bmc_events_clear(const char *user, const char *client, bmc_store_done *done,
		     void *arg);
