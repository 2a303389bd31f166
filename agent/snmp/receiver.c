// SPDX-License-Identifier: Apache-2.0
/* Receivers of notifications: their addresses, sessions, queues. Called by the
 * notifier. */
#include "snmp/receiver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/thread.h"
#include "core/base/util.h"

#define QUEUE_MAX  64
#define FLYING_MAX 32
#define RETRY_MS   30000

enum { TIMEOUT_US = 3000000, RETRIES = 3 };

enum stage {
	NAMED,     /* its address has to be looked up        */
	ASKING,    /* a thread is looking it up              */
	ADDRESSED, /* an inform's engine has to be discovered */
	PROBING,   /* a probe is under way                   */
	READY,
};

/* A name's address, looked up in a thread of its own: the thread and the receiver share
 * it, the last of the two frees it. */
struct lookup {
	_Atomic unsigned refs;
	_Atomic int state; /* 0: under way, 1: found, -1: not found */
	char host[SN_HOST_MAX], address[INET6_ADDRSTRLEN];
};

struct receiver {
	struct sn_receiver is;
	enum stage stage;
	struct lookup *lookup;
	char address[INET6_ADDRSTRLEN];
	int64_t retry_at;
	netsnmp_session *session;
	unsigned char engine[32];
	size_t engine_len;
	netsnmp_pdu *queue[QUEUE_MAX];
	unsigned n_queued, n_flying;
};

static struct receiver *receivers[SN_RECEIVERS_MAX];
static size_t n_receivers;

static bool numeric(const char *host)
{
	unsigned char at[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, at) == 1 || inet_pton(AF_INET6, host, at) == 1;
}

/* ---- the address ---- */

static void lookup_drop(struct lookup *l)
{
	if (l && atomic_fetch_sub(&l->refs, 1) == 1)
		free(l);
}

static void *look_up(void *arg)
{
	struct lookup *l = arg;
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
static void start_look_up(struct receiver *r)
{
	struct lookup *l = calloc(1, sizeof(*l));
	pthread_t thread;

	if (!l)
		return;
	l->refs = 2;
	bmc_copy(l->host, sizeof(l->host), r->is.host);
	if (bmc_thread_new(&thread, look_up, l) == 0) {
		(void)pthread_detach(thread);
		r->lookup = l;
		r->stage = ASKING;
	} else {
		free(l);
	}
}

static void take_address(struct receiver *r)
{
	struct lookup *l = r->lookup;

	if (r->stage != ASKING || l->state == 0)
		return;
	r->stage = l->state > 0 ? ADDRESSED : NAMED;
	if (l->state > 0) {
		bmc_copy(r->address, sizeof(r->address), l->address);
		r->retry_at = 0;
	}
	lookup_drop(l);
	r->lookup = NULL;
}

/* ---- the session ---- */

static int make_key(const oid *auth, size_t auth_len, const char *passphrase,
		    u_char *ret, size_t *ret_len)
{
	*ret_len = USM_AUTH_KU_LEN;
	return generate_Ku(auth, (u_int)auth_len, (const u_char *)passphrase,
			   strlen(passphrase), ret, ret_len);
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

/* An inform's receiver is the authoritative engine: keys for its id are made from the
 * passphrases. For a trap we are it, and the user's keys are there. */
static void use_engine(netsnmp_session *s, struct receiver *r)
{
	size_t n = 0;
	const oid *auth = sn_access_protocol(r->is.user.auth, &n);

	if (!r->is.inform) {
		s->securityEngineID = snmpv3_generate_engineID(&s->securityEngineIDLen);
		return;
	}
	s->securityEngineID = netsnmp_memdup(r->engine, r->engine_len);
	s->securityEngineIDLen = r->engine_len;
	make_key(auth, n, r->is.user.auth_passphrase, s->securityAuthKey,
		 &s->securityAuthKeyLen);
	if (r->is.user.priv)
		make_key(auth, n, r->is.user.priv_passphrase, s->securityPrivKey,
			 &s->securityPrivKeyLen);
}

static void close_session(struct receiver *r)
{
	if (r->session)
		snmp_close(r->session);
	r->session = NULL;
	r->n_flying = 0;
}

static netsnmp_session *open_session(struct receiver *r, bool probe)
{
	netsnmp_session s;
	char peer[INET6_ADDRSTRLEN + 32], name[BMC_ID_MAX] = "", community[128];
	bool v6 = strchr(r->address, ':') != NULL;

	snprintf(peer, sizeof(peer), v6 ? "udp6:[%s]:%d" : "udp:%s:%d", r->address,
		 r->is.port);
	snmp_sess_init(&s);
	s.version = r->is.v3 ? SNMP_VERSION_3 : SNMP_VERSION_2c;
	s.peername = peer;
	s.flags |= SNMP_FLAGS_DONT_PROBE;
	s.timeout = TIMEOUT_US;
	s.retries = probe ? 0 : RETRIES;
	if (!r->is.v3) {
		bmc_copy(community, sizeof(community), r->is.community);
		s.community = (u_char *)community;
		s.community_len = strlen(community);
	} else if (!probe) {
		use_user(&s, &r->is.user, name);
		use_engine(&s, r);
	}
	netsnmp_session *opened = snmp_open(&s); /* copies */
	if (opened)
		opened->flags |= SNMP_FLAGS_DONT_PROBE; /* snmp_open takes it out */
	else
		log_limited(LOG_WARNING, "snmp: receiver %s: no session", r->is.host);
	bmc_wipe(s.securityAuthKey, sizeof(s.securityAuthKey));
	bmc_wipe(s.securityPrivKey, sizeof(s.securityPrivKey));
	free(s.securityEngineID);
	free(s.securityAuthProto);
	free(s.securityPrivProto);
	return opened;
}

/* ---- sending ---- */

static int on_answer(int op, netsnmp_session *s, int id, netsnmp_pdu *pdu, void *arg)
{
	struct receiver *r = arg;

	(void)s;
	(void)id;
	if (r->n_flying)
		r->n_flying--;
	if (op == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE &&
	    pdu->command == SNMP_MSG_RESPONSE)
		return 1;
	log_limited(LOG_WARNING, "snmp: receiver %s did not acknowledge an inform",
		    r->is.host);
	if (r->is.v3 && r->stage == READY) {
		r->stage = ADDRESSED; /* it may be another engine by now */
		r->engine_len = 0;
		r->retry_at = bmc_now() + RETRY_MS;
	}
	return 1;
}

static void transmit(struct receiver *r, netsnmp_pdu *pdu)
{
	int sent;

	pdu->command = r->is.inform ? SNMP_MSG_INFORM : SNMP_MSG_TRAP2;
	if (r->is.inform)
		sent = snmp_async_send(r->session, pdu, on_answer, r);
	else
		sent = snmp_send(r->session, pdu);
	if (sent && r->is.inform)
		r->n_flying++;
	if (!sent)
		snmp_free_pdu(pdu);
}

static void enqueue(struct receiver *r, netsnmp_pdu *pdu)
{
	if (r->n_queued == QUEUE_MAX) {
		log_limited(LOG_WARNING,
			    "snmp: receiver %s: a notification was dropped",
			    r->is.host);
		snmp_free_pdu(r->queue[0]);
		memmove(&r->queue[0], &r->queue[1],
			(QUEUE_MAX - 1) * sizeof(r->queue[0]));
		r->n_queued--;
	}
	r->queue[r->n_queued++] = pdu;
}

static void flush(struct receiver *r)
{
	unsigned i = 0;

	while (r->stage == READY && i < r->n_queued && r->n_flying < FLYING_MAX)
		transmit(r, r->queue[i++]);
	r->n_queued -= i;
	memmove(&r->queue[0], &r->queue[i], r->n_queued * sizeof(r->queue[0]));
}

/* ---- discovery ---- */

static int on_probe(int op, netsnmp_session *s, int id, netsnmp_pdu *pdu, void *arg)
{
	struct receiver *r = arg;

	(void)s;
	(void)id;
	(void)pdu;
	if (r->stage == PROBING && op == NETSNMP_CALLBACK_OP_TIMED_OUT) {
		r->stage = ADDRESSED;
		r->retry_at = bmc_now() + RETRY_MS;
	}
	return 1;
}

/* The library keeps the id that the report names in the probe's session; before that it
 * calls back with an error of security, which is what the report looks like to it. */
static void take_engine(struct receiver *r)
{
	const netsnmp_session *s = r->session;

	if (r->stage != PROBING || s->securityEngineIDLen < 5 ||
	    s->securityEngineIDLen > sizeof(r->engine))
		return;
	memcpy(r->engine, s->securityEngineID, s->securityEngineIDLen);
	r->engine_len = s->securityEngineIDLen;
	r->stage = ADDRESSED;
	r->retry_at = 0;
}

/* RFC 3414, section 4: a request without user or engine, answered by a report. */
static void probe(struct receiver *r)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);

	close_session(r);
	r->session = open_session(r, true);
	if (!r->session || !pdu) {
		snmp_free_pdu(pdu);
		r->retry_at = bmc_now() + RETRY_MS;
		return;
	}
	pdu->version = SNMP_VERSION_3;
	pdu->securityModel = SNMP_SEC_MODEL_USM;
	pdu->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
	pdu->securityName = strdup("");
	pdu->securityNameLen = 0;
	r->stage = PROBING;
	if (!snmp_async_send(r->session, pdu, on_probe, r)) {
		snmp_free_pdu(pdu);
		r->stage = ADDRESSED;
		r->retry_at = bmc_now() + RETRY_MS;
	}
}

static void get_ready(struct receiver *r)
{
	close_session(r);
	r->session = open_session(r, false);
	if (r->session)
		r->stage = READY;
	else
		r->retry_at = bmc_now() + RETRY_MS;
}

static void advance(struct receiver *r)
{
	take_engine(r);
	take_address(r);
	if (r->stage == READY)
		flush(r);
	if (bmc_now() < r->retry_at)
		return;
	if (r->stage == NAMED) {
		r->retry_at = bmc_now() + RETRY_MS;
		start_look_up(r);
	}
	if (r->stage != ADDRESSED)
		return;
	if (r->is.v3 && r->is.inform && !r->engine_len)
		probe(r);
	else
		get_ready(r);
	flush(r);
}

void sn_receivers_tick(void)
{
	for (size_t i = 0; i < n_receivers; i++)
		advance(receivers[i]);
}

void sn_receivers_send(netsnmp_pdu *pdu)
{
	for (size_t i = 0; i < n_receivers; i++) {
		netsnmp_pdu *copy = snmp_clone_pdu(pdu);
		if (copy)
			enqueue(receivers[i], copy);
		advance(receivers[i]);
	}
	snmp_free_pdu(pdu);
}

/* ---- which there are ---- */

static struct receiver *receiver_new(const struct sn_receiver *is)
{
	struct receiver *r = calloc(1, sizeof(*r));

	if (!r) {
		log_warning("snmp: receiver %s is left out: out of memory", is->host);
		return NULL;
	}
	r->is = *is;
	r->stage = NAMED;
	if (numeric(is->host)) {
		bmc_copy(r->address, sizeof(r->address), is->host);
		r->stage = ADDRESSED;
	}
	return r;
}

static void receiver_free(struct receiver *r)
{
	if (!r)
		return;
	close_session(r);
	for (unsigned k = 0; k < r->n_queued; k++)
		snmp_free_pdu(r->queue[k]);
	lookup_drop(r->lookup);
	bmc_wipe(r, sizeof(*r));
	free(r);
}

static bool same(const struct sn_receiver *a, const struct sn_receiver *b)
{
	return strcmp(a->host, b->host) == 0 && a->port == b->port && a->v3 == b->v3 &&
	       a->inform == b->inform && strcmp(a->community, b->community) == 0 &&
	       strcmp(a->user.name, b->user.name) == 0 &&
	       sn_access_same_keys(&a->user, &b->user);
}

/* Takes one that is there already out of the list. */
static struct receiver *take_same(const struct sn_receiver *is)
{
	for (size_t i = 0; i < n_receivers; i++) {
		struct receiver *r = receivers[i];
		if (r && same(&r->is, is)) {
			receivers[i] = NULL;
			return r;
		}
	}
	return NULL;
}

void sn_receivers_use(struct sn_receivers *all)
{
	struct receiver *now[SN_RECEIVERS_MAX] = { NULL };
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		now[n] = take_same(&all->one[i]);
		if (!now[n])
			now[n] = receiver_new(&all->one[i]);
		n += now[n] != NULL;
	}
	for (size_t i = 0; i < n_receivers; i++)
		receiver_free(receivers[i]);
	memcpy(receivers, now, sizeof(receivers));
	n_receivers = n;
	sn_receivers_free(all);
}

void sn_receivers_done(void)
{
	while (n_receivers)
		receiver_free(receivers[--n_receivers]);
}
