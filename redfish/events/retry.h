// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>
#include "core/model/service.h"

#include "bmc/model.h"

/* What follows when a receiver took an event, or did not. Pure: the caller has the
 * clock. */

struct rf_retry {
	unsigned failures; /* of the event that is to be delivered, so far */
	int64_t next;      /* BMC_TIME: not before                         */
};

struct rf_retry_limits {
	unsigned attempts;   /* after the first one */
	int64_t interval_ms; /* between two         */
};

enum rf_retry_then {
	RF_RETRY_LATER,     /* at `next`                   */
	RF_RETRY_SUSPEND,   /* suspend the subscription    */
	RF_RETRY_TERMINATE, /* remove it                   */
};

#define RF_RETRY_LONGEST_MS 3600000 /* between two attempts, however many failed */

/** It was taken. */
void rf_retry_done(struct rf_retry *r);
/** It was not taken. */
enum rf_retry_then rf_retry_failed(struct rf_retry *r, enum bmc_retry_policy policy,
				   const struct rf_retry_limits *limits, int64_t now);
