// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* BER (X.690) as far as SNMP's reads need it. The decoder takes canonical encodings
 * only: definite lengths and integers in as few bytes as they need. What it refuses is
 * net-snmp's to judge. The encoder writes backwards, so that a length is known when it
 * is written. Any thread. */

enum sn_ber_tag {
	SN_BER_INTEGER = 0x02,
	SN_BER_OCTETS = 0x04,
	SN_BER_NULL = 0x05,
	SN_BER_OID = 0x06,
	SN_BER_SEQUENCE = 0x30,
	SN_BER_GET = 0xa0,
	SN_BER_GETNEXT = 0xa1,
	SN_BER_RESPONSE = 0xa2,
	SN_BER_GETBULK = 0xa5,
	SN_BER_NO_OBJECT = 0x80,
	SN_BER_NO_INSTANCE = 0x81,
};

/* What is left of an element's contents. */
struct sn_ber {
	const uint8_t *at, *end;
};

/** As sn_ber_take, for a length of any form. */
bool sn_ber_take_long(struct sn_ber *in, uint8_t tag, struct sn_ber *ret);

/** Takes an element with this tag; its contents, borrowed, also in the place of `in`.
 * False: it is another one, or not canonical. */
static inline bool sn_ber_take(struct sn_ber *in, uint8_t tag, struct sn_ber *ret)
{
	const uint8_t *at = in->at, *end = in->end;

	if (end - at < 2 || at[1] >= 0x80)
		return sn_ber_take_long(in, tag, ret);
	if (at[0] != tag || end - at - 2 < at[1])
		return false;
	in->at = at + 2 + at[1];
	*ret = (struct sn_ber){ at + 2, at + 2 + at[1] };
	return true;
}

/** Takes an INTEGER of 32 bits. */
bool sn_ber_take_int(struct sn_ber *in, int32_t *ret);

/** Sub-identifiers of an OBJECT IDENTIFIER's contents below 1.3; their number with the
 * two, or 0: it is none of these, or has more than `max`. */
size_t sn_ber_oid(struct sn_ber contents, unsigned long *ret, size_t max);

/** Puts a tag and a length ahead of `at`, where `len` bytes of contents begin; where
 * the element begins. */
static inline uint8_t *sn_ber_head(uint8_t *at, uint8_t tag, size_t len)
{
	size_t rest = len, n = 0;

	if (len > 0x7f) {
		for (; rest; rest >>= 8, n++)
			*--at = (uint8_t)rest;
		*--at = (uint8_t)(0x80 | n);
	} else {
		*--at = (uint8_t)len;
	}
	*--at = tag;
	return at;
}

/** Puts an element with these contents ahead of `at`; where it begins. */
uint8_t *sn_ber_put(uint8_t *at, uint8_t tag, const void *contents, size_t len);

/** Puts an INTEGER ahead of `at`; where it begins. */
uint8_t *sn_ber_put_int(uint8_t *at, int32_t value);

/** The greatest length of contents whose element has at most `room` bytes; 0 where
 * even an empty one has more. */
size_t sn_ber_fit(size_t room);
