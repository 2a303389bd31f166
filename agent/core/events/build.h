// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/events/event.h"

/** Fills in an event from its type and arguments (NULL: none), with its message. */
void bmc_event_fill(struct bmc_event *ev, const struct bmc_event_type *type,
		    const char *const args[3]);

/** Whether rule `i` finds `row` in a state that lasts: 1, then `ret` has its reason,
 *  severity and message; 0: not any more; -1: nothing has changed about that, or it is
 *  no such rule. `old` is the row before, NULL when it is new. Pure. */
int bmc_rule_condition(size_t i, const struct bmc_row *old, const struct bmc_row *row,
		       struct bmc_condition *ret);
size_t bmc_rules_count(void);

/** Calls `each` for each row of a kind that is new or differs. Pure. */
void bmc_events_each_change(const struct bmc_snapshot *old,
			    const struct bmc_snapshot *new, enum bmc_kind kind,
			    void (*each)(void *arg, const struct bmc_row *old,
					 const struct bmc_row *new),
			    void *arg);

/** Makes and removes the conditions that follow from the step from `old` to `new`. Main
 *  thread, in a publication. */
void bmc_conditions_step(const struct bmc_snapshot *old,
			 const struct bmc_snapshot *new);
void bmc_conditions_done(void);
