// SPDX-License-Identifier: Apache-2.0
// When a delivery is tried again, see retry.h. Called by the deliverer.
#include "redfish/events/retry.h"

#include "core/base/util.h"

void rf_retry_done(struct rf_retry *r)
{
	*r = (struct rf_retry){ 0 };
}

/* Twice as long after each failure. */
static int64_t backed_off(const struct rf_retry *r, int64_t interval)
{
	int64_t wait = interval;

	for (unsigned i = 1; i < r->failures && wait < RF_RETRY_LONGEST_MS; i++)
		wait *= 2;
	return MIN(wait, RF_RETRY_LONGEST_MS);
}

enum rf_retry_then rf_retry_failed(struct rf_retry *r, enum bmc_retry_policy policy,
				   const struct rf_retry_limits *limits, int64_t now)
{
	bool ends = policy != BMC_RETRY_FOREVER && policy != BMC_RETRY_BACKOFF;

	r->failures++;
	if (ends && r->failures > limits->attempts)
		return policy == BMC_RETRY_SUSPEND ? RF_RETRY_SUSPEND
						   : RF_RETRY_TERMINATE;
	r->next =
		now + (policy == BMC_RETRY_BACKOFF ? backed_off(r, limits->interval_ms)
						   : limits->interval_ms);
	return RF_RETRY_LATER;
}
