// SPDX-License-Identifier: Apache-2.0
/* Datagrams and their local addresses, see dtls-socket.h. Called by dtls.c. */
#include "snmp/tls/dtls-socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

int sn_dtls_socket(const struct addrinfo *at)
{
	const int on = 1;
	int fd = socket(at->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (at->ai_family == AF_INET6) {
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	} else {
		(void)setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	}
	if (bind(fd, at->ai_addr, at->ai_addrlen) == 0)
		return fd;
	int e = errno;
	(void)close(fd);
	errno = e;
	return -1;
}

/* An answer leaves by the route to its peer, so the interface is not held to, except
 * where the address means nothing without it. */
static void note_local(struct msghdr *m, struct sn_dtls_path *ret)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo v4;
			memcpy(&v4, CMSG_DATA(c), sizeof(v4));
			ret->v4.ipi_spec_dst = v4.ipi_addr;
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
			   c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&ret->v6, CMSG_DATA(c), sizeof(ret->v6));
			if (!IN6_IS_ADDR_LINKLOCAL(&ret->v6.ipi6_addr))
				ret->v6.ipi6_ifindex = 0;
		}
	}
}

ssize_t sn_dtls_receive(int fd, void *data, size_t size, struct sn_dtls_path *ret)
{
	union control control;
	struct iovec part = { data, size };
	struct msghdr m = { .msg_name = &ret->peer,
			    .msg_namelen = sizeof(ret->peer),
			    .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };

	memset(ret, 0, sizeof(*ret));
	ret->fd = fd;
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);
	if (n >= 0)
		note_local(&m, ret);
	return n;
}

void sn_dtls_send(const struct sn_dtls_path *path, const void *data, size_t len)
{
	bool v6 = path->peer.sin6_family == AF_INET6;
	struct sockaddr_in6 peer = path->peer;
	union control control;
	struct iovec part = { (void *)(uintptr_t)data, len };
	struct msghdr m = { .msg_name = &peer,
			    .msg_namelen = v6 ? sizeof(struct sockaddr_in6)
					      : sizeof(struct sockaddr_in),
			    .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = &control };
	size_t size = v6 ? sizeof(path->v6) : sizeof(path->v4);

	memset(&control, 0, sizeof(control));
	m.msg_controllen = CMSG_SPACE(size);
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	c->cmsg_type = v6 ? IPV6_PKTINFO : IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(c), v6 ? (const void *)&path->v6 : (const void *)&path->v4,
	       size);
	(void)sendmsg(path->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}
