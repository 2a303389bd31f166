// SPDX-License-Identifier: Apache-2.0
/* Network interfaces of this machine from /sys/class/net and getifaddrs(3). */
#include <arpa/inet.h>
#include <fnmatch.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "host.h"

/* Without a device of their own: made by container and virtual machine tools. */
static const char *const virtual_names[] = { "veth*",    "docker*", "br-*", "virbr*",
					     "vnet*",    "tap*",    "tun*", "cni*",
					     "flannel*", "dummy*" };

struct addresses {
	char ipv4[16], netmask[16], ipv6[46];
};

static bool is_nic(const struct host *h, const char *name)
{
	if (host_number(h, "/sys/class/net/%s/type", name) != ARPHRD_ETHER)
		return false;
	if (host_exists(h, "/sys/class/net/%s/device", name))
		return true;
	for (size_t i = 0; i < sizeof(virtual_names) / sizeof(virtual_names[0]); i++) {
		if (fnmatch(virtual_names[i], name, 0) == 0)
			return false;
	}
	return true;
}

static void take_address(const struct ifaddrs *a, struct addresses *ret)
{
	struct sockaddr_in in, mask;
	struct sockaddr_in6 in6;

	if (a->ifa_addr->sa_family == AF_INET && !ret->ipv4[0]) {
		memcpy(&in, a->ifa_addr, sizeof(in));
		(void)inet_ntop(AF_INET, &in.sin_addr, ret->ipv4, sizeof(ret->ipv4));
		if (!a->ifa_netmask)
			return;
		memcpy(&mask, a->ifa_netmask, sizeof(mask));
		(void)inet_ntop(AF_INET, &mask.sin_addr, ret->netmask,
				sizeof(ret->netmask));
	} else if (a->ifa_addr->sa_family == AF_INET6 && !ret->ipv6[0]) {
		memcpy(&in6, a->ifa_addr, sizeof(in6));
		if (!IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr))
			(void)inet_ntop(AF_INET6, &in6.sin6_addr, ret->ipv6,
					sizeof(ret->ipv6));
	}
}

static void find_addresses(const struct ifaddrs *list, const char *name,
			   struct addresses *ret)
{
	*ret = (struct addresses){ 0 };
	for (; list; list = list->ifa_next) {
		if (list->ifa_addr && strcmp(list->ifa_name, name) == 0)
			take_address(list, ret);
	}
}

static enum bmc_link read_link(const struct host *h, const char *name)
{
	char state[16];

	(void)host_text(h, state, sizeof(state), "/sys/class/net/%s/operstate", name);
	if (strcmp(state, "up") == 0)
		return BMC_LINK_UP;
	if (strcmp(state, "down") == 0 || strcmp(state, "lowerlayerdown") == 0)
		return BMC_LINK_DOWN;
	/* Drivers that do not say leave "unknown"; then the carrier decides. */
	switch (host_number(h, "/sys/class/net/%s/carrier", name)) {
	case 0:
		return BMC_LINK_DOWN;
	case 1:
		return BMC_LINK_UP;
	default:
		return BMC_LINK_UNKNOWN;
	}
}

static int64_t read_duplex(const struct host *h, const char *name)
{
	char text[16];

	if (!host_text(h, text, sizeof(text), "/sys/class/net/%s/duplex", name) ||
	    strcmp(text, "unknown") == 0)
		return BMC_UNKNOWN;
	return strcmp(text, "full") == 0;
}

/* IFF_UP of its flags, "0x1003". */
static int64_t read_enabled(const struct host *h, const char *name)
{
	char text[16], *end;

	if (!host_text(h, text, sizeof(text), "/sys/class/net/%s/flags", name))
		return BMC_UNKNOWN;
	unsigned long flags = strtoul(text, &end, 16);
	return end == text || *end ? BMC_UNKNOWN : (flags & IFF_UP) != 0;
}

static int64_t read_counter(const struct host *h, const char *name, const char *counter)
{
	return host_number(h, "/sys/class/net/%s/statistics/%s", name, counter);
}

static void read_nic(struct host *h, const char *name, const struct addresses *a)
{
	char id[BMC_ID_MAX], mac[18];
	struct host_gateways via;
	struct host_ipv6 ipv6;
	int64_t speed = host_number(h, "/sys/class/net/%s/speed", name);

	host_id(h, id, name);
	(void)host_text(h, mac, sizeof(mac), "/sys/class/net/%s/address", name);
	host_find_gateways(h, name, &via);
	host_find_ipv6(h, name, a->ipv6, &ipv6);
	if (!h->mac[0] || (!h->ip[0] && a->ipv4[0])) {
		memcpy(h->mac, mac, sizeof(h->mac));
		memcpy(h->ip, a->ipv4, sizeof(a->ipv4));
	}
	const struct bmc_value v[] = {
		BMC_TXT(bmc_nic, name, name),
		BMC_TXT(bmc_nic, mac, mac),
		BMC_TXT(bmc_nic, ipv4, a->ipv4),
		BMC_TXT(bmc_nic, ipv4_netmask, a->netmask),
		BMC_TXT(bmc_nic, ipv4_gateway, a->ipv4[0] ? via.ipv4 : ""),
		BMC_TXT(bmc_nic, ipv6, a->ipv6),
		BMC_NUM(bmc_nic, ipv6_prefix, ipv6.prefix),
		BMC_NUM(bmc_nic, ipv6_state, ipv6.state),
		BMC_TXT(bmc_nic, ipv6_gateway, a->ipv6[0] ? via.ipv6 : ""),
		BMC_NUM(bmc_nic, enabled, read_enabled(h, name)),
		BMC_NUM(bmc_nic, link, read_link(h, name)),
		BMC_NUM(bmc_nic, speed,
			speed > 0 ? speed : BMC_UNKNOWN), /* -1: link is down */
		BMC_NUM(bmc_nic, mtu, host_number(h, "/sys/class/net/%s/mtu", name)),
		BMC_NUM(bmc_nic, full_duplex, read_duplex(h, name)),
		BMC_NUM(bmc_nic, rx_bytes, read_counter(h, name, "rx_bytes")),
		BMC_NUM(bmc_nic, tx_bytes, read_counter(h, name, "tx_bytes")),
		BMC_NUM(bmc_nic, rx_packets, read_counter(h, name, "rx_packets")),
		BMC_NUM(bmc_nic, tx_packets, read_counter(h, name, "tx_packets")),
		BMC_NUM(bmc_nic, rx_errors, read_counter(h, name, "rx_errors")),
		BMC_NUM(bmc_nic, tx_errors, read_counter(h, name, "tx_errors")),
	};
	(void)host_put(h, BMC_NIC, id, v, sizeof(v) / sizeof(v[0]));
}

void host_read_nics(struct host *h)
{
	struct host_names *names = malloc(sizeof(*names));
	struct ifaddrs *list = NULL;
	struct addresses a;

	if (!names)
		return;
	/* A recorded tree is another machine: this one's addresses are not its. */
	if (!h->root[0])
		(void)getifaddrs(&list);
	h->mac[0] = h->ip[0] = '\0';
	host_list(h, "/sys/class/net", names);
	for (size_t i = 0; i < names->n; i++) {
		if (!is_nic(h, names->name[i]))
			continue;
		find_addresses(list, names->name[i], &a);
		read_nic(h, names->name[i], &a);
	}
	freeifaddrs(list);
	free(names);
}
