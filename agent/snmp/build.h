// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <stddef.h>

/* The last step of an answer that net-snmp makes: it becomes a message that is no
 * longer than max_message, a v3 peer's msgMaxSize and the source's budget allow. A
 * GETBULK loses its last varbinds, all else is tooBig without any (RFC 3416, 4.2.1,
 * 4.2.3, 4.2.5); a tooBig that is too long is left out. By itself net-snmp cuts a
 * GETBULK before it is put in order, to 1,472 bytes and without room for the headers of
 * v3, gives up on longer ones (genErr), and leaves the names in a tooBig. SNMP's
 * thread. */

/** What UDP carries over IPv4; announced as our msgMaxSize, whatever max_message is. */
#define SN_MESSAGE_MAX 65507

/** Notes in a request how long its answer may be, `room` or what its peer announces;
 * the answer is made from a copy of it. net-snmp's own limits are set so far apart that
 * only the hook decides. Before the request is handled. */
void sn_build_for(netsnmp_pdu *pdu, size_t room);

/** Octets of a response as a message; as many as sn_build makes of it. */
size_t sn_build_size(const netsnmp_session *session, const netsnmp_pdu *pdu);

/** Octets that the answer to a request may have. After sn_build_for. */
size_t sn_build_room(const netsnmp_pdu *pdu);

/** net-snmp's hook: builds a message at the start of `*buf`, with its length in
 *  `*ret_len`. 0, or -1 with the session's error set. */
int sn_build(netsnmp_session *session, netsnmp_pdu *pdu, u_char **buf, size_t *size,
	     size_t *ret_len);
