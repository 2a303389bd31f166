// SPDX-License-Identifier: Apache-2.0
/* The agent's sockets. Called by the engine. */
#include "snmp/transport.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/util.h"
#include "snmp/limit.h"
#include "snmp/set.h"
#include "snmp/snmp.h"

#define BATCH      32
#define PACKET_MAX 65536

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
	char data[BATCH][PACKET_MAX]; /* pages that are never touched cost nothing */
};

struct port {
	netsnmp_session *session;
	netsnmp_transport *transport;
	struct batch in, out;
};

static struct port ports[2];
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
	return t == ports[0].transport ? &ports[0] : &ports[1];
}

static struct msghdr *prepare(struct batch *b, unsigned i, size_t len)
{
	struct msghdr *m = &b->messages[i].msg_hdr;

	b->parts[i] = (struct iovec){ .iov_base = b->data[i], .iov_len = len };
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

static void receive(struct port *p)
{
	struct batch *b = &p->in;

	memset(b->peers, 0, sizeof(b->peers));
	for (unsigned i = 0; i < BATCH; i++)
		(void)prepare(b, i, PACKET_MAX);
	int n = recvmmsg(p->transport->sock, b->messages, BATCH, MSG_DONTWAIT, NULL);
	b->n = n > 0 ? (unsigned)n : 0;
	b->next = 0;
}

static bool admitted(struct batch *b, unsigned i)
{
	return sn_limit_request(&b->peers[i].remote_addr.sa,
				(unsigned char *)b->data[i], b->messages[i].msg_len,
				&current.limited);
}

/* net-snmp's receive: the next datagram; the peer's address is for the library to free.
 */
static int on_receive(netsnmp_transport *t, void *buf, int size, void **peer,
		      int *peer_len)
{
	struct batch *b = &port_of(t)->in;

	if (b->next == b->n)
		receive(port_of(t));
	while (b->next < b->n && !admitted(b, b->next))
		b->next++;
	if (b->next == b->n)
		return -1;
	unsigned i = b->next++;
	int len = MIN(size, (int)b->messages[i].msg_len);
	memcpy(buf, b->data[i], (size_t)len);
	note_local(&b->peers[i], &b->messages[i].msg_hdr);
	current.addresses = b->peers[i];
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
		i += sent > 0 ? (unsigned)sent
			      : 1; /* one that can't be sent is left out */
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

/* net-snmp's send: an answer waits until the batch is full or done. */
static int on_send(netsnmp_transport *t, const void *buf, int size, void **peer,
		   int *peer_len)
{
	struct port *p = port_of(t);
	struct batch *b = &p->out;

	if (!sn_limit_answer(&current.limited, buf, (size_t)size))
		return size;
	if (b->n == BATCH)
		flush(p);
	unsigned i = b->n;
	netsnmp_indexed_addr_pair *pair = &b->peers[i];
	if (size > PACKET_MAX || !peer || !address(*peer, *peer_len, pair))
		return -1;
	b->n++;
	memcpy(b->data[i], buf, (size_t)size);
	struct msghdr *m = prepare(b, i, (size_t)size);
	bool v6 = pair->remote_addr.sa.sa_family == AF_INET6;
	m->msg_namelen = v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	if (pair->local_addr.sa.sa_family == AF_INET ||
	    pair->local_addr.sa.sa_family == AF_INET6)
		set_local(m, pair);
	else
		m->msg_controllen = 0;
	return size;
}

const struct sn_origin *sn_transport_origin(void)
{
	return &current;
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

void sn_transport_flush(void)
{
	for (size_t i = 0; i < n_ports; i++)
		flush(&ports[i]);
}

void sn_transport_read(netsnmp_large_fd_set *ready, void (*before)(void))
{
	for (size_t i = 0; i < n_ports; i++) {
		struct port *p = &ports[i];
		void *session = snmp_sess_pointer(p->session);
		int fd = p->transport->sock;
		if (!NETSNMP_LARGE_FD_ISSET(fd, ready))
			continue;
		do {
			before();
			NETSNMP_LARGE_FD_SET(fd, ready); /* taken out by each read */
			snmp_sess_read2(session, ready);
		} while (p->in.next < p->in.n);
		flush(p);
		NETSNMP_LARGE_FD_CLR(fd, ready);
	}
	before();
	snmp_read2(ready); /* the notifier's sessions */
}

/* A SET is ours, see set.h; all else is the library's. */
static int on_message(int op, netsnmp_session *session, int id, netsnmp_pdu *pdu,
		      void *magic)
{
	if (op == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE &&
	    pdu->command == SNMP_MSG_SET &&
	    !(pdu->version == SNMP_VERSION_3 &&
	      session->s_snmp_errno == SNMPERR_USM_AUTHENTICATIONFAILURE) &&
	    sn_set_take(session, pdu))
		return 1;
	return handle_snmp_packet(op, session, id, pdu, magic);
}

/* ---- open and close ---- */

/* The library asks for the local address of a datagram on IPv4 sockets only. */
static void want_local_address(int fd)
{
	const int on = 1;

	(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
}

static int open_one(const char *spec, struct bmc_error *err)
{
	struct port *p = &ports[n_ports];
	netsnmp_transport *t = netsnmp_transport_open_server("snmp", spec);
	netsnmp_session s;

	if (!t)
		return bmc_fail(err, BMC_EIO,
				"%s can't be bound: is the port in use, or below 1024 "
				"without the right to it?",
				spec);
	want_local_address(t->sock);
	t->f_recv = on_receive;
	t->f_send = on_send;
	snmp_sess_init(&s);
	s.version = SNMP_DEFAULT_VERSION;
	s.callback = on_message;
	s.isAuthoritative = SNMP_SESS_AUTHORITATIVE;
	p->session = snmp_add(&s, t, admit, netsnmp_agent_check_parse);
	if (!p->session)
		return bmc_fail(err, BMC_ENOMEM, "%s: net-snmp does not take it", spec);
	p->transport = t;
	n_ports++;
	return 0;
}

static int check_bind(const struct bmc_conf *snmp, struct bmc_error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	const char *bind = bmc_conf_text(snmp, "bind", "");
	struct addrinfo *a = NULL;

	if (strcmp(bind, "*") == 0)
		return 0;
	if (getaddrinfo(bind, NULL, &hints, &a) != 0)
		return bmc_fail(err, BMC_EINVAL, "snmp.bind: '%s' is no address", bind);
	freeaddrinfo(a);
	return 0;
}

int sn_transport_check(const struct bmc_conf *snmp, struct bmc_error *err)
{
	int r = check_bind(snmp, err);

	return r < 0 ? r : sn_limit_check(snmp, err);
}

int sn_transport_open(const struct bmc_conf *snmp, struct bmc_error *err)
{
	const char *bind = bmc_conf_text(snmp, "bind", "");
	int port = (int)bmc_conf_num(snmp, "port", 0);
	char spec[128];
	int r;

	r = check_bind(snmp, err);
	if (r == 0)
		r = sn_limit_init(snmp, err);
	if (r < 0)
		return r;
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

void sn_transport_close(void)
{
	while (n_ports)
		snmp_close(ports[--n_ports].session);
}
