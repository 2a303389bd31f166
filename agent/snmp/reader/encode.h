// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/reader/ber.h"
#include "snmp/value.h"

/* Varbinds of a response, in the order of the list, where it will be sent from. */

#define SN_NAME_ROOM                                                    \
	(5 * SN_OID_MAX) /* of any name or value of ours that is an OID \
			  */

/* A name in BER, without its tag and length. */
struct sn_name {
	uint8_t data[SN_NAME_ROOM];
	size_t len;
};

/** A sub-identifier; where the next one begins. */
static inline uint8_t *sn_encode_subid(uint8_t *at, uint32_t id)
{
	unsigned n = 1;

	if (id < 0x80) {
		*at = (uint8_t)id;
		return at + 1;
	}
	for (uint32_t rest = id >> 7; rest; rest >>= 7)
		n++;
	while (n-- > 1)
		*at++ = (uint8_t)(0x80 | id >> 7 * n);
	*at++ = id & 0x7f;
	return at;
}

struct sn_list {
	uint8_t *at, *end; /* where the next one begins; none may go beyond */
	size_t n;
};

/** An OID's contents; their length, 0: it has not at least two sub-identifiers, or no
 * room. */
size_t sn_encode_oid(const oid *id, size_t len, uint8_t *ret, size_t room);

/** Appends sub-identifiers to a name that has room for them. */
static inline void sn_encode_subids(struct sn_name *name, const uint32_t *ids, size_t n)
{
	uint8_t *at = name->data + name->len;

	for (size_t i = 0; i < n; i++)
		at = sn_encode_subid(at, ids[i]);
	name->len = (size_t)(at - name->data);
}

/** Appends a varbind; false: it does not fit. */
bool sn_encode_varbind(struct sn_list *list, const uint8_t *name, size_t name_len,
		       uint8_t tag, const uint8_t *value, size_t len);

/** Appends a varbind with this value; `*ret_odd` true, and false as its result: the
 * value is of a type that is net-snmp's to encode. */
bool sn_encode_value(struct sn_list *list, const struct sn_name *name,
		     const struct sn_value *v, bool *ret_odd);
