// SPDX-License-Identifier: Apache-2.0
/* Reports on contexts, see report.h. Called by the transport for each request. */
#include "snmp/report.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <string.h>

#include "core/base/util.h"

struct counter {
	oid name[11];
	size_t len;
	int statistic;
};

static const struct counter unknown_handlers = { { 1, 3, 6, 1, 6, 3, 11, 2, 1, 3, 0 },
						 11,
						 STAT_SNMPUNKNOWNPDUHANDLERS };
static const struct counter unknown_contexts = { { 1, 3, 6, 1, 6, 3, 12, 1, 5, 0 },
						 10,
						 STAT_SNMPUNKNOWNCONTEXTS };

/* Has anything been registered there, also by sub-agents? */
static bool has_context(const char *name)
{
	const subtree_context_cache *c = get_top_context_cache();

	while (c && strcmp(c->context_name, name) != 0)
		c = c->next;
	return c != NULL;
}

/* The context engine id that means the engine which is asked (RFC 5343): managers find
 * out ours by it. */
static const u_char local_engine[] = { 0x80, 0, 0, 0, 6 };

static bool is_ours(const u_char *engine, size_t len)
{
	u_char own[64];

	if (len == sizeof(local_engine) && memcmp(engine, local_engine, len) == 0)
		return true;
	return len == snmpv3_get_engineID(own, sizeof(own)) &&
	       memcmp(engine, own, len) == 0;
}

static void report(netsnmp_session *session, const netsnmp_pdu *request,
		   const struct counter *counter)
{
	u_long count = snmp_increment_statistic(counter->statistic);
	netsnmp_pdu *pdu;

	if (!(request->flags & SNMP_MSG_FLAG_RPRT_BIT))
		return;
	pdu = snmp_clone_pdu((netsnmp_pdu *)(uintptr_t)request);
	if (!pdu)
		return;
	snmp_free_varbind(pdu->variables);
	pdu->variables = NULL;
	pdu->command = SNMP_MSG_REPORT;
	pdu->errstat = 0;
	pdu->errindex = 0;
	snmp_pdu_add_variable(pdu, counter->name, counter->len, ASN_COUNTER, &count,
			      sizeof(count));
	if (!snmp_send(session, pdu))
		snmp_free_pdu(pdu);
}

/* net-snmp's Transport Security Model leaves the size of its buffer as the length of
 * the engine id, and a Report without a context would send what lies behind the id. */
static void correct_length(netsnmp_pdu *pdu)
{
	u_char own[64];

	if (pdu->securityModel == SNMP_SEC_MODEL_TSM)
		pdu->securityEngineIDLen = MIN(pdu->securityEngineIDLen,
					       snmpv3_get_engineID(own, sizeof(own)));
}

bool sn_report_context(netsnmp_session *session, netsnmp_pdu *pdu)
{
	char name[SNMP_MAX_CONTEXT_SIZE + 1];

	correct_length(pdu);
	if (pdu->version != SNMP_VERSION_3 || !SNMP_CMD_CONFIRMED(pdu->command))
		return false;
	if (!is_ours(pdu->contextEngineID, pdu->contextEngineIDLen)) {
		report(session, pdu, &unknown_handlers);
		return true;
	}
	size_t len = MIN(pdu->contextNameLen, sizeof(name) - 1);
	memcpy(name, pdu->contextName, len);
	name[len] = '\0';
	if (strlen(name) == pdu->contextNameLen && has_context(name))
		return false;
	report(session, pdu, &unknown_contexts);
	return true;
}
