// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/library/large_fd_set.h>

#include "bmc/conf.h"
#include "bmc/error.h"

/* The agent as AgentX sub-agent (RFC 2741) of the system's SNMP agent, beside or in
 * place of its own port. It is a client of our own: net-snmp's waits for each of the
 * master's answers, and for seconds when there is none. Here all is done when the
 * socket is ready, so a master that has stopped delays nothing.
 *
 * The connection is tried each AX_RETRY_MS until it is there. A master that is silent
 * for AX_IDLE_MS is sent a Ping; one that answers neither that nor an Open or Register
 * within AX_ANSWER_MS is left, and tried again. SNMP's thread, but for the check. */

#define AX_RETRY_MS  1000
#define AX_ANSWER_MS 5000
#define AX_IDLE_MS   15000

/** Whether `agentx` can be used. Any thread. */
int sn_agentx_check(const struct bmc_conf *snmp, struct bmc_error *err);
/** Whether the section asks for it. Any thread. */
bool sn_agentx_wanted(const struct bmc_conf *snmp);
/** Takes over `agentx`; opens nothing yet. After sn_tables_resolve. */
void sn_agentx_init(const struct bmc_conf *snmp);

/** Whether notifications go to the master: the section's `notify`. Any thread. */
bool sn_agentx_notifies(const struct bmc_conf *snmp);
/** Whether the master takes a notification now. */
bool sn_agentx_is_ready(void);
/** Gives the master a notification's objects, sysUpTime and snmpTrapOID first, which it
 *  sends to its receivers; borrowed. False: it was not sent. */
bool sn_agentx_notify(const netsnmp_variable_list *objects);

/** Adds the socket to those that are waited for; returns the highest descriptor and
 * one, 0: none. */
int sn_agentx_wait(netsnmp_large_fd_set *reading, netsnmp_large_fd_set *writing);
/** When it wants to run without a ready socket (BMC_TIME); INT64_MAX: not at all. */
int64_t sn_agentx_deadline(void);
/** Does what can be done now; with `on` false the connection is closed. */
void sn_agentx_run(bool on);
/** Says goodbye and frees. */
void sn_agentx_done(void);
