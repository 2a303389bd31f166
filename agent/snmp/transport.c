// SPDX-License-Identifier: Apache-2.0
/* The agent's sockets. Called by the engine. */
#include "snmp/transport.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/auth-failures.h"
#include "snmp/bind.h"
#include "snmp/build.h"
#include "snmp/encoding.h"
#include "snmp/limit.h"
#include "snmp/reader/reader.h"
#include "snmp/report.h"
#include "snmp/set.h"
#include "snmp/snmp.h"
#include "snmp/socket.h"

#define BATCH      32
#define BATCHES    16 /* read at once, before all else gets its turn */
#define PACKET_MAX 65536

#define DROPPED_EVERY_MS 1000

/* Room for the local address that a datagram came to, and its answer goes from. */
union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

struct batch {
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	netsnmp_indexed_addr_pair peers[BATCH];
	union control controls[BATCH];
	unsigned n, next;
	bool opened;                         /* the next one is `current` */
	uint8_t data[BATCH][SN_READER_ROOM]; /* pages that are never touched cost
						nothing */
};

struct port {
	netsnmp_session *session;
	netsnmp_transport *transport;
	uint32_t
		dropped; /* datagrams that found the receive buffer full; said so far */
	struct batch in, out;
};

static struct port *ports[SN_BIND_MAX];
static size_t n_ports;
static struct sn_origin current; /* of the request whose answer is made */

/* Any source may send; which one is answered is USM's and VACM's to say. */
static int admit(netsnmp_session *s, netsnmp_transport *t, void *peer, int peer_len)
{
	(void)s;
	(void)t;
	(void)peer;
	(void)peer_len;
	snmp_increment_statistic(STAT_SNMPINPKTS);
	return 1;
}

static struct port *port_of(const netsnmp_transport *t)
{
	size_t i = 0;

	while (ports[i]->transport != t)
		i++;
	return ports[i];
}

static struct msghdr *prepare(struct batch *b, unsigned i, void *data, size_t len)
{
	struct msghdr *m = &b->messages[i].msg_hdr;

	b->parts[i] = (struct iovec){ .iov_base = data, .iov_len = len };
	*m = (struct msghdr){ .msg_name = &b->peers[i].remote_addr,
			      .msg_namelen = sizeof(b->peers[i].remote_addr),
			      .msg_iov = &b->parts[i],
			      .msg_iovlen = 1,
			      .msg_control = &b->controls[i],
			      .msg_controllen = sizeof(b->controls[i]) };
	return m;
}

/* ---- in ---- */

static void note_local(netsnmp_indexed_addr_pair *pair, struct msghdr *m)
{
	struct in_pktinfo v4;
	struct in6_pktinfo v6;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&v4, CMSG_DATA(c), sizeof(v4));
			pair->local_addr.sin.sin_family = AF_INET;
			pair->local_addr.sin.sin_addr = v4.ipi_addr;
			pair->if_index = v4.ipi_ifindex;
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
			   c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&v6, CMSG_DATA(c), sizeof(v6));
			pair->local_addr.sin6.sin6_family = AF_INET6;
			pair->local_addr.sin6.sin6_addr = v6.ipi6_addr;
			pair->if_index = (int)v6.ipi6_ifindex;
		}
	}
}

/* Has the kernel's part of the first ones as it is to be for receiving. */
static void renew(struct batch *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		memset(&b->peers[i], 0, sizeof(b->peers[i]));
		(void)prepare(b, i, b->data[i], PACKET_MAX);
	}
}

static void receive(struct port *p)
{
	struct batch *b = &p->in;

	renew(b, b->n); /* what the last call has written to */
	int n = recvmmsg(p->transport->sock, b->messages, BATCH, MSG_DONTWAIT, NULL);
	b->n = n > 0 ? (unsigned)n : 0;
	b->next = 0;
	b->opened = false;
}

static bool admitted(struct batch *b, unsigned i)
{
	return sn_limit_request(&b->peers[i].remote_addr.sa, b->data[i],
				b->messages[i].msg_len, &current.limited);
}

/* Makes the batch's next datagram the current one; false: there is none. */
static bool open_next(struct batch *b)
{
	while (!b->opened && b->next < b->n && !admitted(b, b->next))
		b->next++;
	if (b->next == b->n)
		return false;
	if (!b->opened) {
		note_local(&b->peers[b->next], &b->messages[b->next].msg_hdr);
		current.addresses = b->peers[b->next];
	}
	b->opened = true;
	return true;
}

/* Takes it. */
static unsigned take_next(struct batch *b)
{
	b->opened = false;
	return b->next++;
}

/* net-snmp's receive: the next datagram; the peer's address is for the library to free.
 */
static int on_receive(netsnmp_transport *t, void *buf, int size, void **peer,
		      int *peer_len)
{
	struct batch *b = &port_of(t)->in;

	if (!open_next(b))
		return -1;
	unsigned i = take_next(b);
	int len = MIN(size, (int)b->messages[i].msg_len);
	sn_encoding_message((unsigned char *)b->data[i], (size_t)len);
	memcpy(buf, b->data[i], (size_t)len);
	bool v6 = b->peers[i].remote_addr.sa.sa_family == AF_INET6;
	size_t size_of = v6 ? sizeof(struct sockaddr_in6) : sizeof(b->peers[i]);
	*peer = netsnmp_memdup(&b->peers[i], size_of);
	*peer_len = *peer ? (int)size_of : 0;
	return len;
}

/* ---- out ---- */

static void flush(struct port *p)
{
	struct batch *b = &p->out;
	unsigned i = 0;

	while (i < b->n) {
		int sent = sendmmsg(p->transport->sock, b->messages + i, b->n - i, 0);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			log_limited(LOG_NOTICE, "snmp: an answer can't be sent: %s",
				    strerror(errno));
		i += sent > 0 ? (unsigned)sent : 1;
	}
	b->n = 0;
}

/* Has an answer leave from the address that the request came to. */
static void set_local(struct msghdr *m, const netsnmp_indexed_addr_pair *pair)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct in_pktinfo v4 = { .ipi_spec_dst = pair->local_addr.sin.sin_addr };
	struct in6_pktinfo v6 = { .ipi6_addr = pair->local_addr.sin6.sin6_addr };
	bool is_v4 = pair->local_addr.sa.sa_family == AF_INET;
	size_t len = is_v4 ? sizeof(v4) : sizeof(v6);

	c->cmsg_level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
	c->cmsg_type = is_v4 ? IP_PKTINFO : IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), is_v4 ? (void *)&v4 : (void *)&v6, len);
	m->msg_controllen = CMSG_SPACE(len);
}

/* Where an answer goes, and from which address. The library's own copy of the peer has
 * no local address where that is IPv6: it knows the shorter form only. */
static bool address(const void *peer, int peer_len, netsnmp_indexed_addr_pair *ret)
{
	if (!peer || (size_t)peer_len > sizeof(*ret))
		return false;
	*ret = current.addresses;
	memcpy(ret, peer, (size_t)peer_len);
	return true;
}

/* The place for an answer, the next one of the batch. */
static uint8_t *place(struct port *p)
{
	if (p->out.n == BATCH)
		flush(p);
	return p->out.data[p->out.n];
}

/* Puts an answer, which is in that place, into the batch. */
static void queue(struct batch *b, uint8_t *data, size_t len,
		  const netsnmp_indexed_addr_pair *pair)
{
	unsigned i = b->n++;
	struct msghdr *m = prepare(b, i, data, len);
	bool v6 = pair->remote_addr.sa.sa_family == AF_INET6;

	b->peers[i] = *pair;
	m->msg_namelen = v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	if (pair->local_addr.sa.sa_family == AF_INET ||
	    pair->local_addr.sa.sa_family == AF_INET6)
		set_local(m, pair);
	else
		m->msg_controllen = 0;
}

/* net-snmp's send: an answer waits until the batch is full or done. */
static int on_send(netsnmp_transport *t, const void *buf, int size, void **peer,
		   int *peer_len)
{
	netsnmp_indexed_addr_pair pair;
	struct port *p = port_of(t);

	if (!sn_limit_answer(&current.limited, buf, (size_t)size))
		return size;
	if (size > PACKET_MAX || !peer || !address(*peer, *peer_len, &pair))
		return -1;
	uint8_t *data = place(p);
	memcpy(data, buf, (size_t)size);
	queue(&p->out, data, (size_t)size, &pair);
	return size;
}

/* Has the read engine answer the current datagram; false: it is net-snmp's. */
static bool read_directly(struct port *p)
{
	struct batch *b = &p->in;
	const struct sn_reader_request r = {
		.data = b->data[b->next],
		.len = b->messages[b->next].msg_len,
		.peer = &current.addresses,
		.room = current.limited.room,
	};
	uint8_t *answer;
	size_t len = sn_reader_answer(&r, place(p), &answer);

	if (!len)
		return false;
	if (sn_limit_answer(&current.limited, answer, len))
		queue(&p->out, answer, len, &current.addresses);
	(void)take_next(b);
	return true;
}

const struct sn_origin *sn_transport_origin(void)
{
	return &current;
}

void sn_transport_enter(const struct sn_origin *origin)
{
	current = *origin;
}

void sn_transport_answer(const struct sn_origin *origin, netsnmp_session *session,
			 netsnmp_pdu *pdu)
{
	const struct sn_origin read_last = current;

	current = *origin;
	if (!snmp_send(session, pdu))
		snmp_free_pdu(pdu);
	current = read_last;
}

static void count_all_dropped(void)
{
	static int64_t next;
	int64_t now = bmc_now();

	if (now < next)
		return;
	next = now + DROPPED_EVERY_MS;
	for (size_t i = 0; i < n_ports; i++)
		ports[i]->dropped =
			sn_socket_dropped(ports[i]->transport->sock, ports[i]->dropped);
}

void sn_transport_flush(void)
{
	count_all_dropped();
	for (size_t i = 0; i < n_ports; i++)
		flush(ports[i]);
}

/* Answers what is in the batch. What net-snmp handles may change what is read then. */
static void answer_batch(struct port *p, netsnmp_large_fd_set *ready,
			 void (*before)(void))
{
	void *session = snmp_sess_pointer(p->session);
	bool fresh = false;

	while (open_next(&p->in)) {
		if (!fresh)
			before();
		fresh = read_directly(p);
		if (fresh)
			continue;
		unsigned i = p->in.next;
		NETSNMP_LARGE_FD_SET(p->transport->sock,
				     ready); /* taken out by each read */
		snmp_sess_read2(session, ready);
		sn_auth_failures_look(&current.addresses.remote_addr.sa,
				      sizeof(current.addresses.remote_addr));
		if (p->in.next == i) /* it has had no memory */
			(void)take_next(&p->in);
	}
	flush(p);
}

void sn_transport_read(netsnmp_large_fd_set *ready, void (*before)(void))
{
	for (size_t i = 0; i < n_ports; i++) {
		struct port *p = ports[i];
		int fd = p->transport->sock;
		if (!NETSNMP_LARGE_FD_ISSET(fd, ready))
			continue;
		int left = BATCHES;
		do {
			receive(p);
			answer_batch(p, ready, before);
		} while (p->in.n == BATCH && --left); /* there may be more */
		NETSNMP_LARGE_FD_CLR(fd, ready);
	}
	before();
	snmp_read2(ready); /* the notifier's sessions */
}

/* A message that did not authenticate is passed on, for the library's trap. */
static bool authentic(const netsnmp_session *session, const netsnmp_pdu *pdu)
{
	return pdu->version != SNMP_VERSION_3 ||
	       session->s_snmp_errno != SNMPERR_USM_AUTHENTICATIONFAILURE;
}

/* A SET is ours, see set.h; all else is the library's. */
static int on_message(int op, netsnmp_session *session, int id, netsnmp_pdu *pdu,
		      void *magic)
{
	bool received = op == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE;

	if (received)
		sn_build_for(pdu, current.limited.room);
	if (received && authentic(session, pdu) &&
	    (sn_report_context(session, pdu) ||
	     (pdu->command == SNMP_MSG_SET && sn_set_take(session, pdu))))
		return 1;
	return handle_snmp_packet(op, session, id, pdu, magic);
}

/* ---- open and close ---- */

netsnmp_session *sn_transport_add(netsnmp_transport *t)
{
	netsnmp_session s;

	snmp_sess_init(&s);
	s.version = SNMP_DEFAULT_VERSION;
	s.callback = on_message;
	s.isAuthoritative = SNMP_SESS_AUTHORITATIVE;
	return snmp_add_full(&s, t, admit, NULL, netsnmp_agent_check_parse, NULL,
			     sn_build, NULL, NULL);
}

static int add_session(struct port *p, netsnmp_transport *t, struct bmc_error *err)
{
	t->f_recv = on_receive;
	t->f_send = on_send;
	p->transport = t;
	p->session = sn_transport_add(t);
	return p->session ? 0
			  : bmc_fail(err, BMC_ENOMEM, "net-snmp does not take a port");
}

static int open_one(const char *spec, struct bmc_error *err)
{
	struct port *p = calloc(1, sizeof(*p));

	if (!p)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	netsnmp_transport *t = netsnmp_transport_open_server("snmp", spec);
	if (!t) {
		free(p);
		return bmc_fail(err, BMC_EIO,
				"%s can't be bound: is the port in use, or below 1024 "
				"without the right to it?",
				spec);
	}
	sn_socket_prepare(t->sock, spec);
	renew(&p->in, BATCH);
	int r = add_session(p, t, err);
	if (r < 0)
		free(p);
	else
		ports[n_ports++] = p;
	return r;
}

int sn_transport_check(const struct bmc_conf *snmp, struct bmc_error *err)
{
	struct sn_bind to[SN_BIND_MAX];
	int n = sn_bind_read(snmp, to, err);

	return n < 0 ? n : sn_limit_check(snmp, err);
}

int sn_transport_open(const struct bmc_conf *snmp, struct bmc_error *err)
{
	struct sn_bind to[SN_BIND_MAX];
	int n = sn_bind_read(snmp, to, err);
	int r = n < 0 ? n : sn_limit_init(snmp, err);

	if (bmc_conf_num(snmp, "port", 0) == 0)
		return r; /* a sub-agent only */
	for (int i = 0; i < n && r == 0; i++) {
		r = open_one(to[i].spec, err);
		if (r < 0 && to[i].optional)
			r = 0;
	}
	return r;
}

void sn_transport_close(void)
{
	while (n_ports) {
		struct port *p = ports[--n_ports];
		snmp_close(p->session);
		free(p);
	}
}
