// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "bmc/error.h"
#include "core/ports/auth.h"

/** Makes the manager's row `bmc`: what this agent says of itself. `limits` hold until a
 * user sets others. Its UUID is drawn once and kept in the state database. Main thread,
 * after the state and the inventory; looks every two seconds whether the database takes
 * writes. */
int bmc_manager_init(const struct bmc_auth_limits *limits, struct bmc_error *err);

/** What the configuration says of the agent itself, for bmc_manager_describe. Unknown
 * or 0 where there is none. */
struct bmc_manager_facts {
	bool clock_settable;
	int64_t snmp_port, snmp_communities, snmp_users;
	const char *snmp_engine_id;                  /* hexadecimal digits, copied */
	int64_t event_retries, event_retry_interval; /* interval: ms */
	int64_t ssdp_enabled, ssdp_notify;           /* bool; ms     */
	bool dns_sd;                                 /* it is published by DNS-SD */
};
/** Shows them in the manager's row. What SNMP is configured to be is also the value of
 * its switches until a user sets them. Main thread. */
void bmc_manager_describe(const struct bmc_manager_facts *facts);
void bmc_manager_done(void);
