// SPDX-License-Identifier: Apache-2.0
/* Varbinds, see encode.h. Called by pdu.c for each object. */
#include "snmp/reader/encode.h"

#include <string.h>

#include "core/base/util.h"

size_t sn_encode_oid(const oid *id, size_t len, uint8_t *ret, size_t room)
{
	uint8_t *at = ret;

	if (len < 2 || id[0] > 2 || (len - 1) * 5 > room)
		return 0;
	at = sn_encode_subid(at, (uint32_t)(id[0] * 40 + id[1]));
	for (size_t i = 2; i < len; i++)
		at = sn_encode_subid(at, (uint32_t)id[i]);
	return (size_t)(at - ret);
}

static inline size_t element(size_t len)
{
	return len + (len < 0x80 ? 2 : len < 0x100 ? 3 : 4);
}

static inline uint8_t *put_head(uint8_t *at, uint8_t tag, size_t len)
{
	*at++ = tag;
	if (len >= 0x100) {
		*at++ = 0x82;
		*at++ = (uint8_t)(len >> 8);
	} else if (len >= 0x80) {
		*at++ = 0x81;
	}
	*at++ = (uint8_t)len;
	return at;
}

bool sn_encode_varbind(struct sn_list *list, const uint8_t *name, size_t name_len,
		       uint8_t tag, const uint8_t *value, size_t len)
{
	size_t body = element(name_len) + element(len);
	uint8_t *at = list->at;

	if (len > UINT16_MAX || body > UINT16_MAX ||
	    element(body) > (size_t)(list->end - at))
		return false;
	at = put_head(at, SN_BER_SEQUENCE, body);
	at = put_head(at, SN_BER_OID, name_len);
	memcpy(at, name, name_len);
	at = put_head(at + name_len, tag, len);
	if (len)
		memcpy(at, value, len);
	list->at = at + len;
	list->n++;
	return true;
}

/* The fewest bytes that say it; `negative` is what those left out repeat. */
static inline size_t put_integer(uint64_t number, bool negative, uint8_t *ret)
{
	uint64_t fill = negative ? UINT64_MAX : 0;
	unsigned n = 1;

	while (n < 8 && (number >> (8 * n - 1)) != fill >> (8 * n - 1))
		n++;
	if (n == 8 && number >> 63 != fill >> 63)
		n++; /* a ninth, which is all sign */
	for (unsigned i = 0; i < n; i++)
		ret[n - 1 - i] = (uint8_t)((i < 8 ? number : fill) >> 8 * (i & 7));
	return n;
}

bool sn_encode_value(struct sn_list *list, const struct sn_name *name,
		     const struct sn_value *v, bool *ret_odd)
{
	uint8_t room[SN_NAME_ROOM];
	const uint8_t *value = room;
	size_t len = 0;
	long number;

	switch (v->type) {
	case ASN_INTEGER:
		memcpy(&number, v->data, sizeof(number));
		number = (int32_t)number;
		len = put_integer((uint64_t)number, number < 0, room);
		break;
	case ASN_COUNTER:
	case ASN_UNSIGNED:
	case ASN_TIMETICKS:
		memcpy(&number, v->data, sizeof(number));
		len = put_integer((uint32_t)number, false, room);
		break;
	case ASN_COUNTER64: {
		struct counter64 big;
		memcpy(&big, v->data, sizeof(big));
		len = put_integer((uint64_t)big.high << 32 | (big.low & UINT32_MAX),
				  false, room);
		break;
	}
	case ASN_OCTET_STR:
	case ASN_IPADDRESS:
		value = v->data;
		len = v->len;
		break;
	case ASN_OBJECT_ID:
		len = sn_encode_oid(v->data, v->len / sizeof(oid), room, sizeof(room));
		*ret_odd = len == 0;
		break;
	default:
		*ret_odd = true;
	}
	return !*ret_odd &&
	       sn_encode_varbind(list, name->data, name->len, v->type, value, len);
}
