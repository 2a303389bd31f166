// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string.h>

#include "core/base/util.h"
#include "snmp/value.h"

/* What the tables of standard MIBs share: their columns are seldom a field as it is,
 * so each has a function. SNMP's thread only. */

/* A column of its own: number, object, ASN.1 type, function; more members by name. */
#define SN_GET(number, object, asn, function, ...)                        \
	{                                                                 \
		.column = (number), .name = (object),                     \
		.special = &(const struct sn_special){ .type = (asn),     \
						       .get = (function), \
						       ##__VA_ARGS__ },   \
	}

/** A string that outlives the value. */
static inline bool sn_text(struct sn_value *ret, const char *text)
{
	ret->type = ASN_OCTET_STR;
	ret->data = text;
	ret->len = strlen(text);
	return true;
}

/** A string of at most `max` octets, cut before a character that does not fit whole. */
static inline bool sn_text_max(struct sn_value *ret, const char *text, size_t max)
{
	size_t n = strlen(text);

	(void)sn_text(ret, text);
	if (n <= max)
		return true;
	for (n = max; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
		n--;
	ret->len = n;
	return true;
}

/** A number between 0 and `max`; false: it is BMC_UNKNOWN. */
static inline bool sn_number(struct sn_value *ret, unsigned char type, int64_t is,
			     int64_t max)
{
	sn_value_number(ret, type, (long)MAX(0, MIN(is, max)));
	return is != BMC_UNKNOWN;
}

/** An INTEGER that is always there. */
static inline bool sn_integer(struct sn_value *ret, long is)
{
	sn_value_number(ret, ASN_INTEGER, is);
	return true;
}

static inline bool sn_octets(struct sn_value *ret, const void *octets, size_t len)
{
	ret->type = ASN_OCTET_STR;
	ret->data = octets;
	ret->len = len;
	return true;
}

static inline bool sn_name(struct sn_value *ret, const struct sn_oid *name)
{
	ret->u.name = *name;
	ret->type = ASN_OBJECT_ID;
	ret->data = ret->u.name.id;
	ret->len = ret->u.name.len * sizeof(oid);
	return true;
}

/** zeroDotZero: there is none. */
static inline bool sn_no_name(struct sn_value *ret)
{
	static const struct sn_oid zero = { .id = { 0, 0 }, .len = 2 };

	return sn_name(ret, &zero);
}

/** TimeStamp: sysUpTime at a time (BMC_TIME); 0 when that is before the agent's start,
 * or BMC_UNKNOWN. */
bool sn_time_stamp(struct sn_value *ret, int64_t at);

/** DateAndTime of a time (BMC_TIME), in UTC. */
static inline bool sn_date_of(struct sn_value *ret, int64_t at)
{
	sn_date(bmc_wall(at), ret->u.octets);
	return sn_octets(ret, ret->u.octets, 11);
}
