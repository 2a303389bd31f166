// SPDX-License-Identifier: Apache-2.0
/* Options of the agent's sockets, see socket.h. Called by transport.c. */
#include "snmp/socket.h"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/base/log.h"

/* Whether datagrams to more than one address may come to it. */
static bool has_any_address(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at = { 0 };
	socklen_t len = sizeof(at);

	if (getsockname(fd, &at.any, &len) < 0)
		return true;
	if (at.any.sa_family == AF_INET)
		return at.v4.sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(&at.v6.sin6_addr);
}

/* The library asks for the local address of a datagram on IPv4 sockets, always. The
 * kernel works for it, with each datagram and each answer; where there is only one
 * address, answers leave from it anyhow. */
static void want_local_address(int fd)
{
	const int on = has_any_address(fd);

	(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	if (!on)
		(void)setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
}

/* A burst of requests from many managers waits in the kernel for its turn. Root may go
 * beyond the system's limit (net.core.rmem_max). */
static void want_buffer(int fd, const char *spec)
{
	const int wanted = SN_RECEIVE_BUFFER;
	int is = 0;
	socklen_t len = sizeof(is);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof(wanted)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof(wanted));
	(void)getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &is, &len);
	if (is / 2 <
	    SN_RECEIVE_BUFFER_MIN) /* the kernel doubles what it is asked for */
		log_notice("snmp: %s has a receive buffer of %d KiB only: a burst of "
			   "requests may lose some (sysctl net.core.rmem_max)",
			   spec, is / 2048);
}

void sn_socket_prepare(int fd, const char *spec)
{
	want_local_address(fd);
	want_buffer(fd, spec);
}

uint32_t sn_socket_dropped(int fd, uint32_t before)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) < 0 ||
	    info[SK_MEMINFO_DROPS] == before)
		return before;
	log_limited(LOG_WARNING,
		    "snmp: %u requests were dropped, they came faster than they can be "
		    "answered",
		    info[SK_MEMINFO_DROPS] - before);
	return info[SK_MEMINFO_DROPS];
}
