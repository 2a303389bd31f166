// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/reader/reader.h"

/* The read engine's SNMPv3: messages of USM users of this engine, authenticated and, as
 * the message says, encrypted. Only one that is right in every respect is answered: all
 * reports and all counters of what is wrong are net-snmp's. SNMP's thread. */

/** As sn_reader_answer, for a message of version 3. */
size_t sn_reader_v3(const struct sn_reader_request *r, uint8_t *buf, uint8_t **ret);

/** Wipes all keys and drops the views: users or VACM's tables have changed. */
void sn_reader_v3_forget(void);
