// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdio.h>

#include "bmc/conf.h"
#include "bmc/error.h"
#include "bmc/model.h"
#include "core/model/service.h"

/* The SNMP frontend: an embedded net-snmp agent with its own thread. CLUSTER-BMC-MIB is
 * served from snapshots, a SET goes through the action API, events become
 * notifications. Only one thread ever calls net-snmp: the main one until sn_start, then
 * SNMP's. */

/** Makes the agent and binds its port, so before privileges are dropped. `snmp` is the
 *  config's section, borrowed for the call; NULL, or no port: SNMP is off and
 * sn_start does nothing. After the inventory's init. Main thread. */
int sn_init(const struct bmc_conf *snmp, const char *state_dir, struct bmc_error *err);

/** Whether sn_init could use that section: its address, networks, communities, users,
 * views and receivers. Opens no port. Main thread. */
int sn_check(const struct bmc_conf *snmp, struct bmc_error *err);

/** Takes over communities, users, views and receivers from a new section, which is
 * borrowed for the call; the thread exchanges them in its next pass. An error changes
 * nothing. Main thread. */
int sn_reload(const struct bmc_conf *snmp, struct bmc_error *err);

/** What the agent has been configured to be, for other interfaces to show. */
struct sn_description {
	unsigned port; /* 0: no SNMP */
	unsigned communities, users;
	char engine_id[65]; /* hexadecimal digits, "": no SNMP */
};
/** After sn_init. Main thread. */
void sn_describe(struct sn_description *ret);

/** Has `each` called with NULL, then with a row for each receiver of the config, in
 * sn_init and in each sn_reload. Main thread, before sn_init. */
void sn_show_receivers(void (*each)(const struct bmc_subscription *row));

/** Starts the thread: requests are answered from here on. Main thread. */
int sn_start(struct bmc_error *err);

/** One pass of what the thread does; waits up to 2 s for something to do. For a fuzz
 * target, in place of sn_start. */
void sn_pass(void);

/** Ends the thread and closes the port. Main thread; nothing happens when it never ran.
 */
void sn_stop(void);

/** Prints all tables, their columns and the notifications as lines of words: what the
 * MIB's test compares with the MIB's text. 0, or BMC_ENOTFOUND: a table names no field.
 */
int sn_dump(FILE *out, struct bmc_error *err);
