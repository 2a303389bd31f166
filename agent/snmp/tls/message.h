// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "snmp/tls/link.h"
#include "snmp/tls/session.h"

/* SNMP messages that a client has sent, over TCP or UDP. The front's thread. */

/** The length of the message that the octets begin: 0: not known yet, -1: none that the
 *  agent takes. */
long sn_tls_message_length(const uint8_t *in, size_t len);

enum sn_tls_delivery { SN_TLS_DELIVERED, SN_TLS_BLOCKED, SN_TLS_REFUSED };

/** Gives a message to SNMP's thread, in the name of the client that `print` belongs to.
 *  `head` has all but that name. SN_TLS_BLOCKED: the link is full. SN_TLS_REFUSED: the
 *  session ends, which has been logged. */
enum sn_tls_delivery sn_tls_message_deliver(int link, struct sn_tls_head *head,
					    const uint8_t print[SN_TLS_PRINT],
					    uint8_t *data, size_t len);
