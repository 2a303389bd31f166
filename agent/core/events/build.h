// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/events/event.h"
#include "core/ports/store.h"

/** Fills in an event from its type and arguments (NULL: none), with its message. */
void bmc_event_fill(struct bmc_event *ev, const struct bmc_event_type *type,
		    const char *const args[3]);

/** Removes all events that exist now, first in the database and then in memory, and
 * adds LogCleared, which says who did it. `done` is called when both is so, or, with an
 * error, when nothing was removed; it is not called when this returns an error
 * (BMC_EAGAIN, BMC_ENOMEM). Main thread. */
int bmc_events_clear(const char *user, const char *client, bmc_store_done *done,
		     void *arg);
