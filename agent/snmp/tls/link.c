// SPDX-License-Identifier: Apache-2.0
/* The front's messages as a transport of net-snmp's, see link.h: its Transport Security
 * Model takes a client's name from what comes with each. Called by tls.c. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/tls/link.h"
#include "snmp/tls/model.h"
#include "snmp/transport.h"

static netsnmp_session *session;
static size_t answer_room;

/* snmpTLSTCPDomain, snmpDTLSUDPDomain (RFC 6353). */
static const oid tls_domain[] = { 1, 3, 6, 1, 6, 1, 8 };
static const oid dtls_domain[] = { 1, 3, 6, 1, 6, 1, 9 };

/* What the security model asks of a transport; for the library to free. */
static netsnmp_tmStateReference *state_of(const struct sn_tls_head *head)
{
	netsnmp_tmStateReference *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	memcpy(s->transportDomain, head->datagrams ? dtls_domain : tls_domain,
	       sizeof(tls_domain));
	s->transportDomainLen = OID_LENGTH(tls_domain);
	(void)bmc_copy(s->securityName, sizeof(s->securityName), head->name);
	s->securityNameLen = strlen(s->securityName);
	s->transportSecurityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
	_Static_assert(sizeof(s->sessionID) == sizeof(head->conn), "kept in there");
	memcpy(s->sessionID, &head->conn, sizeof(s->sessionID));
	s->have_addresses = 1;
	memcpy(&s->addresses.remote_addr, &head->peer, sizeof(head->peer));
	return s;
}

/* The client is known: none of the limits for sources that may be forged. */
static void enter(const struct sn_tls_head *head)
{
	size_t room = head->room ? MIN(head->room, answer_room) : answer_room;
	struct sn_origin origin = {
		.limited = { .is_exempt = true, .is_v3 = true, .room = room }
	};

	memcpy(&origin.addresses.remote_addr, &head->peer, sizeof(head->peer));
	sn_transport_enter(&origin);
}

static int on_receive(netsnmp_transport *t, void *buf, int size, void **opaque,
		      int *opaque_len)
{
	struct sn_tls_head head;
	struct iovec parts[] = { { &head, sizeof(head) }, { buf, (size_t)size } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = ARRAY_SIZE(parts) };
	ssize_t n = recvmsg(t->sock, &m, MSG_DONTWAIT);

	if (n <= (ssize_t)sizeof(head))
		return -1;
	netsnmp_tmStateReference *state = state_of(&head);
	if (!state)
		return -1;
	enter(&head);
	*opaque = state;
	*opaque_len = sizeof(*state);
	return (int)((size_t)n - sizeof(head));
}

static int on_send(netsnmp_transport *t, const void *buf, int size, void **opaque,
		   int *opaque_len)
{
	struct sn_tls_head head = { .conn = 0 };
	struct iovec parts[] = { { &head, sizeof(head) },
				 { (void *)(uintptr_t)buf, (size_t)size } };
	const struct msghdr m = { .msg_iov = parts, .msg_iovlen = ARRAY_SIZE(parts) };
	const netsnmp_tmStateReference *state;

	if (!opaque || !*opaque || *opaque_len != sizeof(*state))
		return -1;
	state = *opaque;
	memcpy(&head.conn, state->sessionID, sizeof(head.conn));
	if (sendmsg(t->sock, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_limited(LOG_WARNING, "snmp: an answer over TLS is lost: %s",
			    strerror(errno));
	return size;
}

static int on_close(netsnmp_transport *t)
{
	int r = t->sock >= 0 ? close(t->sock) : 0;

	t->sock = -1;
	return r;
}

static netsnmp_transport *transport_of(int fd)
{
	netsnmp_transport *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->domain = tls_domain;
	t->domain_length = OID_LENGTH(tls_domain);
	t->sock = fd;
	t->msgMaxSize = SN_TLS_MESSAGE_MAX;
	t->f_recv = on_receive;
	t->f_send = on_send;
	t->f_close = on_close;
	return t;
}

int sn_tls_link_open(size_t room, int *ret_front, struct bmc_error *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       ends) < 0)
		return bmc_fail(err, bmc_from_errno(errno), "snmp.tls: %s",
				strerror(errno));
	netsnmp_transport *t = transport_of(ends[0]);
	session = t ? sn_transport_add(t) : NULL; /* which closes it when it fails */
	if (!session) {
		(void)close(ends[1]);
		return bmc_fail(err, BMC_ENOMEM, "snmp.tls: out of memory");
	}
	session->flags |= NETSNMP_TRANSPORT_FLAG_TUNNELED; /* the security model asks */
	sn_tls_model_correct();
	answer_room = room;
	*ret_front = ends[1];
	return 0;
}

void sn_tls_link_close(void)
{
	if (session)
		(void)snmp_close(session);
	session = NULL;
}
