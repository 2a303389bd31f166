// SPDX-License-Identifier: Apache-2.0
/* The way to one receiver, see receiver-link.h. Called by receiver.c. */
#include "snmp/receiver-link.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "snmp/agentx/agentx.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>

#define BACK_OFF_MS     5000
#define BACK_OFF_MAX_MS 300000
#define FOREVER_US      (3600L * 1000000) /* receiver.c gives up long before */

/* A name's address, looked up in a thread of its own: the thread and the receiver share
 * it, the last of the two frees it. */
struct sn_lookup {
	_Atomic unsigned refs;
	_Atomic int state; /* 0: under way, 1: found, -1: not found */
	char host[SN_HOST_MAX], address[INET6_ADDRSTRLEN];
};

int64_t sn_back_off_ms(unsigned failures)
{
	int64_t ms = BACK_OFF_MS;

	while (failures-- && ms < BACK_OFF_MAX_MS)
		ms *= 2;
	return MIN(ms, BACK_OFF_MAX_MS);
}

static void tried(struct sn_link *l)
{
	l->next = bmc_now() + sn_back_off_ms(l->tries++);
}

static bool numeric(const char *host)
{
	unsigned char at[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, at) == 1 || inet_pton(AF_INET6, host, at) == 1;
}

/* ---- the address ---- */

static void lookup_drop(struct sn_lookup *l)
{
	if (l && atomic_fetch_sub(&l->refs, 1) == 1)
		free(l);
}

static void *look_up(void *arg)
{
	struct sn_lookup *l = arg;
	struct addrinfo *found = NULL, hints = { .ai_socktype = SOCK_DGRAM };
	bool found_it = false;

	if (getaddrinfo(l->host, NULL, &hints, &found) == 0 &&
	    getnameinfo(found->ai_addr, found->ai_addrlen, l->address,
			sizeof(l->address), NULL, 0, NI_NUMERICHOST) == 0)
		found_it = true;
	else
		log_limited(LOG_WARNING, "snmp: receiver %s has no address", l->host);
	if (found)
		freeaddrinfo(found);
	l->state = found_it ? 1 : -1; /* seen in one of the next passes */
	lookup_drop(l);
	return NULL;
}

/* Detached: a resolver that hangs holds up nothing, not even the daemon's end. */
static void start_look_up(struct sn_link *l)
{
	struct sn_lookup *up = calloc(1, sizeof(*up));
	pthread_t thread;

	tried(l);
	if (!up)
		return;
	up->refs = 2;
	bmc_copy(up->host, sizeof(up->host), l->is->host);
	if (bmc_thread_new(&thread, look_up, up) == 0) {
		(void)pthread_detach(thread);
		l->lookup = up;
		l->stage = SN_LINK_ASKING;
	} else {
		free(up);
	}
}

static void take_address(struct sn_link *l)
{
	struct sn_lookup *up = l->lookup;

	if (l->stage != SN_LINK_ASKING || up->state == 0)
		return;
	l->stage = up->state > 0 ? SN_LINK_ADDRESSED : SN_LINK_NAMED;
	if (up->state > 0) {
		bmc_copy(l->address, sizeof(l->address), up->address);
		l->next = 0;
	}
	lookup_drop(up);
	l->lookup = NULL;
}

/* ---- the session ---- */

static void make_key(const struct sn_entry *user, const char *passphrase,
		     struct sn_link_key *ret)
{
	size_t n = 0;
	const oid *auth = sn_access_protocol(user->auth, &n);

	ret->len = sizeof(ret->bytes);
	if (generate_Ku(auth, (u_int)n, (const u_char *)passphrase, strlen(passphrase),
			ret->bytes, &ret->len) != SNMPERR_SUCCESS)
		ret->len = 0;
}

static void use_user(netsnmp_session *s, const struct sn_entry *user, char *name)
{
	const oid *auth = sn_access_protocol(user->auth, &s->securityAuthProtoLen);
	const oid *priv = sn_access_protocol(user->priv, &s->securityPrivProtoLen);

	bmc_copy(name, BMC_ID_MAX, user->name);
	s->version = SNMP_VERSION_3;
	s->securityModel = SNMP_SEC_MODEL_USM;
	s->securityName = name;
	s->securityNameLen = strlen(name);
	s->securityLevel =
		user->priv ? SNMP_SEC_LEVEL_AUTHPRIV : SNMP_SEC_LEVEL_AUTHNOPRIV;
	s->securityAuthProto = snmp_duplicate_objid(auth, s->securityAuthProtoLen);
	s->securityPrivProto =
		priv ? snmp_duplicate_objid(priv, s->securityPrivProtoLen) : NULL;
}

static void use_key(const struct sn_link_key *key, u_char *to, size_t *ret_len)
{
	memcpy(to, key->bytes, key->len);
	*ret_len = key->len;
}

/* An inform's receiver is the authoritative engine: keys for its id are made from the
 * passphrases. For a trap we are it, and the user's keys are there. A key from a
 * passphrase costs milliseconds (RFC 3414, A.2), so it is made once. */
static void use_engine(netsnmp_session *s, struct sn_link *l)
{
	const struct sn_entry *user = &l->is->user;

	if (!l->is->inform) {
		s->securityEngineID = snmpv3_generate_engineID(&s->securityEngineIDLen);
		return;
	}
	if (!l->auth.len)
		make_key(user, user->auth_passphrase, &l->auth);
	if (!l->priv.len && user->priv)
		make_key(user, user->priv_passphrase, &l->priv);
	s->securityEngineID = netsnmp_memdup(l->engine, l->engine_len);
	s->securityEngineIDLen = l->engine_len;
	use_key(&l->auth, s->securityAuthKey, &s->securityAuthKeyLen);
	use_key(&l->priv, s->securityPrivKey, &s->securityPrivKeyLen);
}

static void close_session(struct sn_link *l)
{
	if (l->session)
		snmp_close(l->session);
	l->session = NULL;
}

static netsnmp_session *open_session(struct sn_link *l, bool probe)
{
	netsnmp_session s;
	char peer[INET6_ADDRSTRLEN + 32], name[BMC_ID_MAX] = "", community[128];
	bool v6 = strchr(l->address, ':') != NULL;

	snprintf(peer, sizeof(peer), v6 ? "udp6:[%s]:%d" : "udp:%s:%d", l->address,
		 l->is->port);
	snmp_sess_init(&s);
	s.version = l->is->v3   ? SNMP_VERSION_3
		    : l->is->v1 ? SNMP_VERSION_1
				: SNMP_VERSION_2c;
	s.peername = peer;
	s.flags |= SNMP_FLAGS_DONT_PROBE;
	s.timeout = FOREVER_US;
	s.retries = 0;
	if (!l->is->v3) {
		bmc_copy(community, sizeof(community), l->is->community);
		s.community = (u_char *)community;
		s.community_len = strlen(community);
	} else if (!probe) {
		use_user(&s, &l->is->user, name);
		use_engine(&s, l);
	}
	netsnmp_session *opened = snmp_open(&s); /* copies */
	if (opened)
		opened->flags |= SNMP_FLAGS_DONT_PROBE; /* snmp_open takes it out */
	else
		log_limited(LOG_WARNING, "snmp: receiver %s: no session", l->is->host);
	bmc_wipe(s.securityAuthKey, sizeof(s.securityAuthKey));
	bmc_wipe(s.securityPrivKey, sizeof(s.securityPrivKey));
	free(s.securityEngineID);
	free(s.securityAuthProto);
	free(s.securityPrivProto);
	return opened;
}

/* ---- discovery ---- */

static int on_probe(int op, netsnmp_session *s, int id, netsnmp_pdu *pdu, void *arg)
{
	(void)op;
	(void)s;
	(void)id;
	(void)pdu;
	(void)arg;
	return 1; /* see take_engine */
}

/* The library keeps the id that the report names in the probe's session; before that it
 * calls back with an error of security, which is what the report looks like to it. */
static void take_engine(struct sn_link *l)
{
	const netsnmp_session *s = l->session;

	if (l->stage != SN_LINK_PROBING || s->securityEngineIDLen < 5 ||
	    s->securityEngineIDLen > sizeof(l->engine))
		return;
	memcpy(l->engine, s->securityEngineID, s->securityEngineIDLen);
	l->engine_len = s->securityEngineIDLen;
	l->stage = SN_LINK_ADDRESSED;
	l->next = 0;
}

/* RFC 3414, section 4: a request without user or engine, answered by a report. */
static void probe(struct sn_link *l)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);

	tried(l);
	close_session(l);
	l->session = open_session(l, true);
	if (!l->session || !pdu) {
		snmp_free_pdu(pdu);
		return;
	}
	pdu->version = SNMP_VERSION_3;
	pdu->securityModel = SNMP_SEC_MODEL_USM;
	pdu->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
	pdu->securityName = strdup("");
	pdu->securityNameLen = 0;
	l->stage = SN_LINK_PROBING;
	if (!snmp_async_send(l->session, pdu, on_probe, l)) {
		snmp_free_pdu(pdu);
		l->stage = SN_LINK_ADDRESSED;
	}
}

static void open_it(struct sn_link *l)
{
	close_session(l);
	l->session = open_session(l, false);
	if (l->session)
		l->stage = SN_LINK_READY;
	else
		tried(l);
}

bool sn_link_advance(struct sn_link *l)
{
	if (l->is->master)
		return sn_agentx_is_ready();
	take_engine(l);
	take_address(l);
	if (l->stage == SN_LINK_READY)
		return true;
	if (bmc_now() < l->next)
		return false;
	if (l->stage == SN_LINK_PROBING) /* unanswered: its address may have changed */
		sn_link_restart(l);
	if (l->stage == SN_LINK_NAMED)
		start_look_up(l);
	else if (l->stage == SN_LINK_ADDRESSED && l->is->v3 && l->is->inform &&
		 !l->engine_len)
		probe(l);
	else if (l->stage == SN_LINK_ADDRESSED)
		open_it(l);
	return l->stage == SN_LINK_READY;
}

/* The address that a datagram to the receiver comes from; 0.0.0.0 over IPv6. */
static void take_own_address(const struct sn_link *l, netsnmp_pdu *pdu)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(9) };
	socklen_t len = sizeof(in);
	int fd = inet_pton(AF_INET, l->address, &in.sin_addr) == 1
			 ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)
			 : -1;

	memset(pdu->agent_addr, 0, sizeof(pdu->agent_addr));
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)&in, sizeof(in)) == 0 &&
	    getsockname(fd, (struct sockaddr *)&in, &len) == 0)
		memcpy(pdu->agent_addr, &in.sin_addr, sizeof(pdu->agent_addr));
	close(fd);
}

/* The library builds no message of a version that requests may not have. */
static bool send_disabled(netsnmp_session *session, netsnmp_pdu *pdu)
{
	int was = netsnmp_ds_get_boolean(NETSNMP_DS_LIBRARY_ID,
					 NETSNMP_DS_LIB_DISABLE_V1);

	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_V1, 0);
	bool sent = session && snmp_send(session, pdu);

	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_V1, was);
	return sent;
}

/* RFC 3584, 3.2. What v1 has no type for is not sent: true, it is not tried again. */
static bool send_v1(struct sn_link *l, netsnmp_pdu *pdu)
{
	netsnmp_pdu *old = convert_v2pdu_to_v1(pdu);

	snmp_free_pdu(pdu);
	if (!old)
		return true;
	take_own_address(l, old);
	bool sent = send_disabled(l->session, old);

	if (!sent)
		snmp_free_pdu(old);
	else
		l->tries = 0;
	return sent;
}

bool sn_link_send(struct sn_link *l, netsnmp_pdu *pdu, netsnmp_callback answer,
		  void *arg)
{
	bool sent = false;

	if (l->is->master) {
		sent = sn_agentx_notify(pdu->variables);
		snmp_free_pdu(pdu);
		return sent;
	}
	pdu->command = l->is->inform ? SNMP_MSG_INFORM : SNMP_MSG_TRAP2;
	if (l->is->v1)
		return send_v1(l, pdu);
	if (l->session)
		sent = l->is->inform ? snmp_async_send(l->session, pdu, answer, arg)
				     : snmp_send(l->session, pdu);
	if (!sent)
		snmp_free_pdu(pdu);
	else
		l->tries = 0;
	return sent;
}

void sn_link_restart(struct sn_link *l)
{
	close_session(l);
	l->engine_len = 0;
	l->stage = SN_LINK_NAMED;
	if (l->is->master) /* it connects by itself */
		return;
	if (!numeric(l->is->host))
		return;
	bmc_copy(l->address, sizeof(l->address), l->is->host);
	l->stage = SN_LINK_ADDRESSED;
}

void sn_link_init(struct sn_link *l, const struct sn_receiver *is)
{
	*l = (struct sn_link){ .is = is };
	sn_link_restart(l);
}

void sn_link_done(struct sn_link *l)
{
	close_session(l);
	lookup_drop(l->lookup);
	bmc_wipe(l, sizeof(*l));
}
