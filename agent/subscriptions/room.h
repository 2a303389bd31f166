// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "core/model/service.h"

/* How many subscriptions there may be. */

struct sub_count {
	size_t all,
		snmp; /* of these, receivers of SNMP notifications that users made */
};

/** Those of the snapshot. Any thread. */
struct sub_count sub_count(void);
/** Counts one more. */
void sub_count_add(struct sub_count *n, const struct bmc_subscription *row);
/** BMC_ENOSPC when there is no place for one more. Any thread. */
int sub_check_room(const struct sub_count *n, const struct bmc_subscription *row,
		   struct bmc_error *err);
