// SPDX-License-Identifier: Apache-2.0
/* v2c messages of the read engine, see reader.h; v3's are v3.c's. Called by the
 * transport. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/library/snmpUDPDomain.h>
#include <net-snmp/library/snmpUDPIPv6Domain.h>
#include <string.h>

#include "snmp/reader/ber.h"
#include "snmp/reader/reader.h"
#include "snmp/reader/spans.h"
#include "snmp/reader/v3.h"

#define VERSION_2C 1
#define VERSION_3  3

static bool enabled;

/* Who sends it, by com2sec; NULL: none, or in another context than the default one. */
static const char *security_name(const struct sn_reader_request *r, struct sn_ber c)
{
	netsnmp_indexed_addr_pair peer = *(const netsnmp_indexed_addr_pair *)r->peer;
	const char *name = NULL, *context = "", *text = (const char *)c.at;
	size_t len = (size_t)(c.end - c.at);
	int found;

	if (peer.remote_addr.sa.sa_family == AF_INET6)
		found = netsnmp_udp6_getSecName(&peer, sizeof(struct sockaddr_in6),
						text, (int)len, &name, &context);
	else
		found = netsnmp_udp_getSecName(&peer, sizeof(peer), text, len, &name,
					       &context);
	return found && name && !*context ? name : NULL;
}

static size_t answer(const struct sn_reader_request *r, struct sn_ber message,
		     uint8_t *buf, uint8_t **ret)
{
	struct sn_ber community;

	if (netsnmp_ds_get_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_V2c) ||
	    !sn_ber_take(&message, SN_BER_OCTETS, &community))
		return 0;
	const char *name = security_name(r, community);
	size_t len = (size_t)(community.end - community.at);
	size_t head = 3 + len + (len < 0x80 ? 2 : 3); /* version and community */
	size_t body = sn_ber_fit(r->room);
	struct sn_reader_pdu pdu = {
		.data = message.at,
		.len = (size_t)(message.end - message.at),
		.view = name ? sn_reader_view(SNMP_SEC_MODEL_SNMPv2c,
					      SNMP_SEC_LEVEL_NOAUTH, name)
			     : NULL,
		.max = body > head ? body - head : 0,
	};
	if (!pdu.view || len > UINT8_MAX)
		return 0;
	size_t n = sn_reader_pdu(&pdu, buf, ret);
	if (!n)
		return 0;
	uint8_t *end = *ret + n, *at = *ret;
	at = sn_ber_put(at, SN_BER_OCTETS, community.at, len);
	at = sn_ber_put_int(at, VERSION_2C);
	at = sn_ber_head(at, SN_BER_SEQUENCE, (size_t)(end - at));
	*ret = at;
	return (size_t)(end - at);
}

size_t sn_reader_answer(const struct sn_reader_request *r, uint8_t *buf, uint8_t **ret)
{
	struct sn_ber in = { r->data, r->data + r->len }, message;
	int32_t version;
	size_t n;

	if (!enabled || !sn_ber_take(&in, SN_BER_SEQUENCE, &message) ||
	    in.at != in.end || !sn_ber_take_int(&message, &version))
		return 0;
	sn_spans_refresh();
	n = version == VERSION_2C  ? answer(r, message, buf, ret)
	    : version == VERSION_3 ? sn_reader_v3(r, buf, ret)
				   : 0;
	if (n)
		snmp_increment_statistic(STAT_SNMPINPKTS);
	return n;
}

void sn_reader_enable(bool on)
{
	static bool begun;

	if (!begun)
		sn_spans_init(sn_reader_forget);
	begun = true;
	enabled = on;
}
