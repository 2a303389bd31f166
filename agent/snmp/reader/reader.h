// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The read engine: answers GET, GETNEXT and GETBULK of objects of our tables without
 * net-snmp, from the pinned snapshot into the datagram that is sent, with the bytes
 * that net-snmp would answer with. It refuses whatever it does not handle, and has
 * counted and changed nothing then: net-snmp takes the request as it came. SNMP's
 * thread only. */

#define SN_READER_HEAD \
	512               /* bytes left free ahead of a Response-PDU, for its message */
#define SN_READER_TAIL 64 /* and behind it                                         */
#define SN_READER_ROOM (SN_READER_HEAD + 65536 + SN_READER_TAIL) /* of an answer */

/** What one requester may read: VACM's answer for a security name. */
struct sn_view;

/** VACM's view for reading in the default context. `model` and `level` are SNMP_SEC_*.
 *  NULL: VACM has none, so net-snmp refuses the request. Borrowed until
 *  sn_reader_forget. */
struct sn_view *sn_reader_view(int model, int level, const char *security_name);

/** Drops all views: VACM's tables have changed. */
void sn_reader_forget(void);

/** A request's PDU, tag and length on. */
struct sn_reader_pdu {
	const uint8_t *data;
	size_t len;
	struct sn_view *view;
	size_t max; /* greatest length of the Response-PDU, tag and length on; see
		       sn_ber_fit */
};

/** Writes the Response-PDU, tag and length on, into `buf` (SN_READER_ROOM bytes), and
 * counts the request and its answer in SNMPv2-MIB's counters, all but snmpInPkts.
 * Returns its length and where it begins: SN_READER_HEAD bytes or more after `buf`,
 * with SN_READER_TAIL bytes or more behind it. 0: refused. */
size_t sn_reader_pdu(const struct sn_reader_pdu *pdu, uint8_t *buf, uint8_t **ret);

/** A request as it came. */
struct sn_reader_request {
	const uint8_t *data;
	size_t len;
	const void *peer; /* a netsnmp_indexed_addr_pair */
	size_t room;      /* greatest length of the answer */
};

/** Answers a message. Returns the answer's length and where in `buf` (SN_READER_ROOM
 * bytes) it begins. 0: refused. */
size_t sn_reader_answer(const struct sn_reader_request *r, uint8_t *buf, uint8_t **ret);

/** Switches the engine on or off; off, it refuses all. After init_agent. */
void sn_reader_enable(bool on);
