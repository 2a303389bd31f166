// SPDX-License-Identifier: Apache-2.0
// The sockets of SSDP, see socket.h.
#include "discovery/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"

#define GROUP_4 "239.255.255.250"
#define GROUP_6 "ff02::c"
#define TTL     2 /* UPnP Device Architecture 1.1, 1.1.2 */

const char *ssdp_group_name(int family)
{
	return family == AF_INET ? GROUP_4 ":1900" : "[" GROUP_6 "]:1900";
}

static socklen_t group(int family, unsigned interface, struct sockaddr_storage *ret)
{
	struct sockaddr_in *four = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	ret->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		four->sin_port = htons(SSDP_PORT);
		(void)inet_pton(AF_INET, GROUP_4, &four->sin_addr);
		return sizeof(*four);
	}
	six->sin6_port = htons(SSDP_PORT);
	six->sin6_scope_id = interface;
	(void)inet_pton(AF_INET6, GROUP_6, &six->sin6_addr);
	return sizeof(*six);
}

/* ---- making ---- */

static void set(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

static bool set_up(int fd, int family, in_port_t port)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
				    .sin6_port = htons(SSDP_PORT) };

	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (family == AF_INET) {
		set(fd, IPPROTO_IP, IP_PKTINFO, 1);
		set(fd, IPPROTO_IP, IP_MULTICAST_TTL, TTL);
		set(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
		return bind(fd, (struct sockaddr *)&four, sizeof(four)) == 0;
	}
	set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, TTL);
	set(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
	return bind(fd, (struct sockaddr *)&six, sizeof(six)) == 0;
}

int ssdp_socket_new(int family, in_port_t port)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && !set_up(fd, family, port)) {
		log_err("discovery: UDP port %u: %s", port, strerror(errno));
		(void)close(fd);
		return -1;
	}
	return fd;
}

static bool join(int fd, int family, unsigned interface)
{
	struct sockaddr_storage to;
	struct ip_mreqn four = { .imr_ifindex = (int)interface };
	struct ipv6_mreq six = { .ipv6mr_interface = interface };
	int r;

	(void)group(family, interface, &to);
	four.imr_multiaddr = ((struct sockaddr_in *)&to)->sin_addr;
	six.ipv6mr_multiaddr = ((struct sockaddr_in6 *)&to)->sin6_addr;
	r = family == AF_INET
		    ? setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &four, sizeof(four))
		    : setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &six, sizeof(six));
	return r == 0 || errno == EADDRINUSE;
}

void ssdp_socket_join(int fd, int family, const struct ssdp_network *net)
{
	for (size_t i = 0; i < net->n; i++) {
		if (net->list[i].is.ss_family == family &&
		    !join(fd, family, net->list[i].interface))
			log_warning(
				"discovery: interface %u takes part in no group: %s",
				net->list[i].interface, strerror(errno));
	}
}

/* ---- datagrams ---- */

union control {
	char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
		   CMSG_SPACE(sizeof(struct in_pktinfo))];
	struct cmsghdr align;
};

static void read_control(struct msghdr *head, struct ssdp_datagram *ret)
{
	struct in6_pktinfo six;
	struct in_pktinfo four;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(head); c; c = CMSG_NXTHDR(head, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&four, CMSG_DATA(c), sizeof(four));
			ret->interface = (unsigned)four.ipi_ifindex;
			ret->multicast = IN_MULTICAST(ntohl(four.ipi_addr.s_addr));
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
			   c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&six, CMSG_DATA(c), sizeof(six));
			ret->interface = six.ipi6_ifindex;
			ret->multicast = IN6_IS_ADDR_MULTICAST(&six.ipi6_addr);
		}
	}
}

bool ssdp_socket_receive(int fd, struct ssdp_datagram *ret)
{
	union control control;
	struct iovec part = { ret->data, sizeof(ret->data) };
	struct msghdr head = { .msg_name = &ret->from,
			       .msg_namelen = sizeof(ret->from),
			       .msg_iov = &part,
			       .msg_iovlen = 1,
			       .msg_control = &control,
			       .msg_controllen = sizeof(control) };
	ssize_t n;

	memset(&ret->from, 0, sizeof(ret->from));
	ret->interface = 0;
	ret->multicast = false;
	n = recvmsg(fd, &head, 0);
	if (n < 0)
		return false;
	ret->len = (size_t)n;
	read_control(&head, ret);
	return true;
}

/* From that address and over its interface. */
static void write_control(struct msghdr *head, const struct ssdp_address *from)
{
	struct in6_pktinfo six = { .ipi6_ifindex = from->interface };
	struct in_pktinfo four = { .ipi_ifindex = (int)from->interface };
	struct cmsghdr *c = CMSG_FIRSTHDR(head);

	if (from->is.ss_family == AF_INET) {
		four.ipi_spec_dst = ((const struct sockaddr_in *)&from->is)->sin_addr;
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(four));
		memcpy(CMSG_DATA(c), &four, sizeof(four));
		head->msg_controllen = CMSG_SPACE(sizeof(four));
		return;
	}
	c->cmsg_level = IPPROTO_IPV6; /* the kernel chooses the address that fits */
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(six));
	memcpy(CMSG_DATA(c), &six, sizeof(six));
	head->msg_controllen = CMSG_SPACE(sizeof(six));
}

void ssdp_socket_send(int fd, const struct ssdp_address *from,
		      const struct sockaddr_storage *to, const char *data, size_t len)
{
	struct sockaddr_storage all;
	union control control = { 0 };
	struct iovec part = { (void *)(uintptr_t)data, len };
	struct msghdr head = { .msg_name = to ? (void *)(uintptr_t)to : &all,
			       .msg_iov = &part,
			       .msg_iovlen = 1,
			       .msg_control = &control,
			       .msg_controllen = sizeof(control) };

	head.msg_namelen = group(from->is.ss_family, from->interface, &all);
	write_control(&head, from);
	if (sendmsg(fd, &head, 0) < 0)
		log_debug("discovery: sending: %s", strerror(errno));
}
