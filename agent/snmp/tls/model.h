// SPDX-License-Identifier: Apache-2.0
#pragma once

/** Has net-snmp's Transport Security Model free what it keeps for each request: the one
 *  of 5.9.3 frees neither the reference to a client nor its copies. After init_snmp,
 *  before SNMP's thread runs. */
void sn_tls_model_correct(void);
