// SPDX-License-Identifier: Apache-2.0
/* The agent's sockets. Called by the engine. */
#include "snmp/transport.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <string.h>

#include "core/util.h"

static netsnmp_session *sessions[2];
static size_t n_sessions;

/* Everybody may send; who is answered is USM's and VACM's to say. */
static int admit(netsnmp_session *s, netsnmp_transport *t, void *peer, int peer_len)
{
	(void)s;
	(void)t;
	(void)peer;
	(void)peer_len;
	snmp_increment_statistic(STAT_SNMPINPKTS);
	return 1;
}

static int open_one(const char *spec, struct bmc_error *err)
{
	netsnmp_session s;
	netsnmp_transport *t = netsnmp_transport_open_server("snmp", spec);

	if (!t)
		return bmc_fail(err, BMC_EIO,
				"snmp: %s can't be bound: is the port in use, or "
				"below 1024 without the right to it?",
				spec);
	snmp_sess_init(&s);
	s.version = SNMP_DEFAULT_VERSION;
	s.callback = handle_snmp_packet;
	s.isAuthoritative = SNMP_SESS_AUTHORITATIVE;
	sessions[n_sessions] = snmp_add(&s, t, admit, netsnmp_agent_check_parse);
	if (!sessions[n_sessions])
		return bmc_fail(err, BMC_ENOMEM, "snmp: %s: net-snmp does not take it",
				spec);
	n_sessions++;
	return 0;
}

int sn_transport_open(const struct bmc_conf *snmp, struct bmc_error *err)
{
	const char *bind = bmc_conf_text(snmp, "bind", "*");
	int port = (int)bmc_conf_num(snmp, "port", 161);
	char spec[128];
	int r;

	bool all = strcmp(bind, "*") == 0;

	if (all)
		bind = "::";
	if (!strchr(bind, ':')) {
		snprintf(spec, sizeof(spec), "udp:%s:%d", bind, port);
		return open_one(spec, err);
	}
	snprintf(spec, sizeof(spec), "udp6:[%s]:%d", bind, port);
	r = open_one(spec, err);
	if (!all && strcmp(bind, "::") != 0)
		return r;
	snprintf(spec, sizeof(spec), "udp:0.0.0.0:%d",
		 port); /* also where there is no IPv6 */
	return open_one(spec, err);
}

void sn_transport_read(netsnmp_large_fd_set *ready)
{
	snmp_read2(ready);
}

void sn_transport_close(void)
{
	while (n_sessions)
		snmp_close(sessions[--n_sessions]);
}
