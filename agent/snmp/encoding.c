// SPDX-License-Identifier: Apache-2.0
/* Which value of a SET is no encoding of its type, see encoding.h. Called by the
 * transport for each datagram, and by net-snmp for each v3 message. */
#include "snmp/encoding.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <stdbool.h>
#include <stdint.h>

#include "snmp/element.h"

/* The first value that is no encoding. */
static long bad;
static unsigned char bad_type;

/* ---- values ---- */

/* An unsigned one may need a zero in front. Fewer octets would often do: encoders that
 * always write four are old and many, and what they mean is not in doubt. */
static bool is_integer(struct sn_element v, size_t octets, bool is_signed)
{
	size_t n = (size_t)(v.end - v.at);

	if (n == 0 || n > octets + !is_signed)
		return false;
	return is_signed || (!(v.at[0] & 0x80) && (n <= octets || v.at[0] == 0));
}

static bool is_object_id(struct sn_element v)
{
	size_t parts = 1; /* the first encoded one is two */

	if (v.at == v.end || v.end[-1] & 0x80)
		return false;
	while (v.at < v.end) {
		uint64_t part = 0;
		if (*v.at == 0x80 || ++parts > MAX_OID_LEN)
			return false;
		do {
			part = part << 7 | (*v.at & 0x7f);
			if (part > UINT32_MAX)
				return false;
		} while (*v.at++ & 0x80);
	}
	return true;
}

static bool is_value(unsigned char tag, struct sn_element v)
{
	switch (tag) {
	case ASN_INTEGER:
		return is_integer(v, 4, true);
	case ASN_COUNTER:
	case ASN_GAUGE:
	case ASN_TIMETICKS:
	case ASN_UINTEGER:
		return is_integer(v, 4, false);
	case ASN_COUNTER64:
		return is_integer(v, 8, false);
	case ASN_OBJECT_ID:
		return is_object_id(v);
	case ASN_IPADDRESS:
		return v.end - v.at == 4;
	case ASN_NULL:
		return v.at == v.end;
	default:
		return true;
	}
}

/* ---- messages ---- */

/* `pdu` begins with the PDU's own tag; it is a part of `data`. */
static void inspect_pdu(unsigned char *data, struct sn_element pdu)
{
	const unsigned char *start = data;
	struct sn_element in, list, varbind, name, value;
	unsigned char tag;

	if (!sn_element_next(&pdu, &tag, &in) || tag != SNMP_MSG_SET)
		return;
	for (int i = 0; i < 3; i++) { /* request-id, error-status, error-index */
		if (!sn_element_next(&in, &tag, &list))
			return;
	}
	if (!sn_element_next(&in, &tag, &list))
		return;
	for (long at = 1; sn_element_next(&list, &tag, &varbind); at++) {
		const unsigned char *head;
		if (!sn_element_next(&varbind, &tag, &name))
			return;
		head = varbind.at;
		if (!sn_element_next(&varbind, &tag, &value))
			return;
		if (is_value(tag, value))
			continue;
		data[head - start] = ASN_OCTET_STR;
		bad_type = bad ? bad_type : tag;
		bad = bad ? bad : at;
	}
}

void sn_encoding_message(unsigned char *data, size_t len)
{
	struct sn_element in = { data, data + len }, message, skip;
	unsigned char tag;

	bad = 0;
	if (sn_element_next(&in, &tag, &message) &&
	    sn_element_next(&message, &tag, &skip) &&
	    sn_element_next(&message, &tag, &skip) && tag == ASN_OCTET_STR)
		inspect_pdu(data, message);
}

static void inspect_scoped_pdu(unsigned char *data, size_t len)
{
	struct sn_element in = { data, data + len }, scoped, skip;
	unsigned char tag;

	if (sn_element_next(&in, &tag, &scoped) &&
	    sn_element_next(&scoped, &tag, &skip) &&
	    sn_element_next(&scoped, &tag, &skip))
		inspect_pdu(data, scoped);
}

long sn_encoding_bad(unsigned char *ret_type)
{
	*ret_type = bad_type;
	return bad;
}

/* ---- what security models decrypt ---- */

static struct wrapped {
	int model;
	SecmodInMsg *decode; /* the model's own */
} models[] = { { SNMP_SEC_MODEL_USM, NULL }, { SNMP_SEC_MODEL_TSM, NULL } };

static int decode(struct snmp_secmod_incoming_params *params)
{
	const struct wrapped *w =
		params->secModel == SNMP_SEC_MODEL_USM ? &models[0] : &models[1];
	int r = w->decode(params);

	if (r == SNMPERR_SUCCESS && *params->scopedPdu)
		inspect_scoped_pdu(*params->scopedPdu, *params->scopedPduLen);
	return r;
}

void sn_encoding_init(void)
{
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		struct snmp_secmod_def *def = find_sec_mod(models[i].model);
		if (!def || !def->decode || def->decode == decode)
			continue;
		models[i].decode = def->decode;
		def->decode = decode;
	}
}
