// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/event.h"

/** Fills in an event from its type and arguments (NULL: none), with its message. */
void bmc_event_fill(struct bmc_event *ev, const struct bmc_event_type *type,
		    const char *const args[3]);
