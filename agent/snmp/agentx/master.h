// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/conf.h"
#include "bmc/error.h"

/* The agent as AgentX master: sub-agents of others attach at a Unix socket and add
 * their objects to what it answers, within the views of communities and users. The
 * protocol is net-snmp's. A sub-agent that has stopped delays requests for its own
 * objects only, for AX_MASTER_WAIT_MS; then it is detached. */

#define AX_MASTER_WAIT_MS 2000

/** Whether `agentx_master` can be used. Any thread. */
int sn_agentx_master_check(const struct bmc_conf *snmp, struct bmc_error *err);

/** Opens the socket, if there is to be one. After init_snmp, before privileges are
 *  dropped. */
int sn_agentx_master_open(const struct bmc_conf *snmp, struct bmc_error *err);

/** Removes the socket. When the thread has ended. */
void sn_agentx_master_close(void);
