// SPDX-License-Identifier: Apache-2.0
// The machine's addresses, see network.h.
#include "discovery/network.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/util.h"

/* Its octets. 0: it is no address. */
static size_t octets(const struct sockaddr_storage *a, const unsigned char **ret)
{
	if (a->ss_family == AF_INET) {
		*ret = (const void *)&((const struct sockaddr_in *)a)->sin_addr;
		return 4;
	}
	*ret = (const void *)&((const struct sockaddr_in6 *)a)->sin6_addr;
	return a->ss_family == AF_INET6 ? 16 : 0;
}

static bool is_link_local(const struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET6 &&
	       IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

static bool is_spoken_on(const struct ifaddrs *i)
{
	return i->ifa_addr && i->ifa_netmask && (i->ifa_flags & IFF_UP) &&
	       (i->ifa_flags & IFF_MULTICAST) && !(i->ifa_flags & IFF_LOOPBACK) &&
	       (i->ifa_addr->sa_family == AF_INET ||
		i->ifa_addr->sa_family == AF_INET6);
}

void ssdp_network_read(struct ssdp_network *ret)
{
	struct ifaddrs *all = NULL;

	ret->n = 0;
	if (getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *i = all; i && ret->n < SSDP_ADDRESSES_MAX;
	     i = i->ifa_next) {
		struct ssdp_address *a = &ret->list[ret->n];
		if (!is_spoken_on(i))
			continue;
		size_t size = i->ifa_addr->sa_family == AF_INET
				      ? sizeof(struct sockaddr_in)
				      : sizeof(struct sockaddr_in6);
		memset(a, 0, sizeof(*a));
		a->interface = if_nametoindex(i->ifa_name);
		memcpy(&a->is, i->ifa_addr, size);
		memcpy(&a->mask, i->ifa_netmask, size);
		a->mask.ss_family = a->is.ss_family; /* 0 for some */
		ret->n += a->interface != 0;
	}
	freeifaddrs(all);
}

static bool contains(const struct ssdp_address *a, const struct sockaddr_storage *peer)
{
	const unsigned char *is, *mask, *other;
	size_t n = octets(&a->is, &is);

	if (octets(peer, &other) != n || octets(&a->mask, &mask) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if ((is[i] ^ other[i]) & mask[i])
			return false;
	}
	return true;
}

static const struct ssdp_address *find(const struct ssdp_network *net,
				       unsigned interface,
				       const struct sockaddr_storage *peer)
{
	for (size_t i = 0; i < net->n; i++) {
		if (net->list[i].interface == interface &&
		    contains(&net->list[i], peer))
			return &net->list[i];
	}
	return NULL;
}

const struct ssdp_address *ssdp_network_on_link(const struct ssdp_network *net,
						unsigned interface,
						const struct sockaddr_storage *peer)
{
	const struct ssdp_address *near = find(net, interface, peer);

	for (size_t i = 0; near && is_link_local(&near->is) && i < net->n; i++) {
		const struct ssdp_address *a = &net->list[i];
		if (a->interface == interface && a->is.ss_family == AF_INET6 &&
		    !is_link_local(&a->is))
			return a;
	}
	return near;
}

bool ssdp_address_equal(const struct sockaddr_storage *a,
			const struct sockaddr_storage *b)
{
	const unsigned char *x, *y;
	size_t n = octets(a, &x);

	return n && octets(b, &y) == n && memcmp(x, y, n) == 0;
}
