// SPDX-License-Identifier: Apache-2.0
/* BER, see ber.h. Called by the read engine. */
#include "snmp/reader/ber.h"

#include <string.h>

#include "core/base/util.h"

/* A length of one byte, or of two or three where it needs them; -1: another form. No
 * datagram has more. */
static long take_length(struct sn_ber *in)
{
	size_t left = (size_t)(in->end - in->at);
	long len;

	if (left < 1)
		return -1;
	len = *in->at++;
	if (len < 0x80)
		return len;
	if (len == 0x81 && left >= 2 && in->at[0] >= 0x80)
		return *in->at++;
	if (len != 0x82 || left < 3 || in->at[0] == 0)
		return -1;
	len = in->at[0] << 8 | in->at[1];
	in->at += 2;
	return len;
}

bool sn_ber_take_long(struct sn_ber *in, uint8_t tag, struct sn_ber *ret)
{
	long len;

	if (in->at == in->end || *in->at != tag)
		return false;
	in->at++;
	len = take_length(in);
	if (len < 0 || in->end - in->at < len)
		return false;
	const uint8_t *at = in->at;
	in->at += len;
	*ret = (struct sn_ber){ at, at + len };
	return true;
}

bool sn_ber_take_int(struct sn_ber *in, int32_t *ret)
{
	struct sn_ber c;
	uint32_t value;
	size_t len;

	if (!sn_ber_take(in, SN_BER_INTEGER, &c))
		return false;
	len = (size_t)(c.end - c.at);
	if (len < 1 || len > 4)
		return false;
	if (len > 1 && (c.at[0] == 0 || c.at[0] == 0xff) &&
	    (c.at[0] & 0x80) == (c.at[1] & 0x80))
		return false;
	value = c.at[0] & 0x80 ? UINT32_MAX : 0;
	for (size_t i = 0; i < len; i++)
		value = value << 8 | c.at[i];
	*ret = (int32_t)value;
	return true;
}

/* The rest of a sub-identifier of more than one byte; false: it is cut off, too great,
 * or begins with a zero. */
static bool take_long_subid(struct sn_ber *in, uint8_t first, unsigned long *ret)
{
	uint64_t id = first & 0x7f;

	if (first == 0x80)
		return false;
	while (in->at < in->end) {
		uint8_t byte = *in->at++;
		id = id << 7 | (byte & 0x7f);
		if (id > UINT32_MAX)
			return false;
		if (byte < 0x80) {
			*ret = (unsigned long)id;
			return true;
		}
	}
	return false;
}

size_t sn_ber_oid(struct sn_ber contents, unsigned long *ret, size_t max)
{
	size_t n = 2;

	if (contents.at == contents.end || *contents.at != 0x2b || max < n)
		return 0;
	contents.at++;
	ret[0] = 1;
	ret[1] = 3;
	for (; contents.at < contents.end; n++) {
		if (n == max)
			return 0;
		uint8_t first = *contents.at++;
		ret[n] = first;
		if (first >= 0x80 && !take_long_subid(&contents, first, &ret[n]))
			return 0;
	}
	return n;
}

uint8_t *sn_ber_put(uint8_t *at, uint8_t tag, const void *contents, size_t len)
{
	at -= len;
	memcpy(at, contents, len);
	return sn_ber_head(at, tag, len);
}

uint8_t *sn_ber_put_int(uint8_t *at, int32_t value)
{
	uint8_t bytes[4];
	size_t skip = 0;

	if (value >= 0 && value < 0x80) {
		*--at = (uint8_t)value;
		return sn_ber_head(at, SN_BER_INTEGER, 1);
	}
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)((uint32_t)value >> (24 - 8 * i));
	while (skip < 3 && bytes[skip] == (value < 0 ? 0xff : 0) &&
	       (bytes[skip + 1] & 0x80) == (bytes[skip] & 0x80))
		skip++;
	return sn_ber_put(at, SN_BER_INTEGER, bytes + skip, sizeof(bytes) - skip);
}

size_t sn_ber_fit(size_t room)
{
	if (room < 2 + 0x80)
		return room < 2 ? 0 : room - 2;
	if (room < 3 + 0x100)
		return MAX(room - 3, (size_t)0x7f);
	if (room < 4 + 0x10000)
		return MAX(room - 4, (size_t)0xff);
	return MAX(room - 5, (size_t)0xffff);
}
