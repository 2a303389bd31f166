// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* AgentX PDUs as bytes (RFC 2741, 5 and 6): what a sub-agent writes and reads. Numbers
 * are written in network byte order and read in the order that a PDU's flags say. What
 * comes from the master is checked against the ends of its PDU. No state, any thread.
 */

#define AX_HEADER      20u
#define AX_PAYLOAD_MAX 65536u /* of a PDU that is read */
#define AX_OID_MAX     128u   /* RFC 2741, 5.1 */

/* clang-format off */
enum ax_type {
	AX_OPEN = 1, AX_CLOSE, AX_REGISTER, AX_UNREGISTER, AX_GET, AX_GETNEXT, AX_GETBULK, AX_TESTSET,
	AX_COMMITSET, AX_UNDOSET, AX_CLEANUPSET, AX_NOTIFY, AX_PING, AX_INDEX_ALLOCATE,
	AX_INDEX_DEALLOCATE, AX_ADD_CAPS, AX_REMOVE_CAPS, AX_RESPONSE,
};
enum { AX_FLAG_CONTEXT = 0x08, AX_FLAG_NETWORK_ORDER = 0x10 };
enum { /* of values, where they differ from ASN.1's tags */
	AX_NO_OBJECT = 128, AX_NO_INSTANCE, AX_END_OF_VIEW,
};
enum { /* errors of a Response that SNMP does not have */
	AX_NOT_OPEN = 257, AX_UNKNOWN_CONTEXT = 262, AX_DUPLICATE = 263, AX_PARSE_ERROR = 266,
	AX_DENIED = 267, AX_PROCESSING = 268,
};
/* clang-format on */

struct ax_header {
	uint8_t type, flags;
	uint32_t session, transaction, packet, payload;
};

struct ax_oid {
	uint32_t id[AX_OID_MAX];
	size_t len;
	bool include;
};

/* ---- writing ---- */

/** A buffer that grows up to `max`; what does not fit, or finds no memory, sets
 *  `failed` and is left out. */
struct ax_out {
	uint8_t *data;
	size_t len, room, max;
	bool failed;
};

void ax_put_u8(struct ax_out *o, unsigned n);
void ax_put_u16(struct ax_out *o, unsigned n);
void ax_put_u32(struct ax_out *o, uint32_t n);
void ax_put_u64(struct ax_out *o, uint64_t n);
void ax_put_octets(struct ax_out *o, const void *data, size_t len);
/** With `len` 0 the null object identifier. */
void ax_put_oid(struct ax_out *o, const unsigned long *id, size_t len);

/** Begins a PDU; returns where, for ax_end, which fills in how long it became. */
size_t ax_begin(struct ax_out *o, const struct ax_header *h);
/** Also where something has failed: then the PDU is taken off again, and false. */
bool ax_end(struct ax_out *o, size_t at);

/* ---- reading ---- */

/** A place in a PDU's payload. What would go beyond its end sets `failed` and reads as
 * 0. */
struct ax_in {
	const uint8_t *at, *end;
	bool network_order, failed;
};

/** Reads a header of AX_HEADER bytes; false: not version 1, or too long. */
bool ax_header_read(const uint8_t *data, struct ax_header *ret);

unsigned ax_get_u8(struct ax_in *in);
unsigned ax_get_u16(struct ax_in *in);
uint32_t ax_get_u32(struct ax_in *in);
uint64_t ax_get_u64(struct ax_in *in);
/** Borrowed from the PDU. */
const uint8_t *ax_get_octets(struct ax_in *in, size_t *ret_len);
void ax_get_oid(struct ax_in *in, struct ax_oid *ret);
