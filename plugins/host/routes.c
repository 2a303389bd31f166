// SPDX-License-Identifier: Apache-2.0
/* Where packets of an interface leave its network, and whether its IPv6 address may be
 * used: /proc/net/route, ipv6_route and if_inet6 (their formats: proc(5), and
 * net/ipv4/fib_trie.c, net/ipv6/route.c and addrconf.c of the kernel). */
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "host.h"

#define FILE_MAX_BYTES 16384

typedef bool line_fn(const char *line, const char *name, void *arg);

/* Until `fn` has found what it looks for. */
static void each_line(const struct host *h, const char *path, const char *name,
		      line_fn *fn, void *arg)
{
	char *text = malloc(FILE_MAX_BYTES), *rest = text;

	if (text && host_lines(h, text, FILE_MAX_BYTES, path)) {
		for (char *line; (line = strsep(&rest, "\n")) && !fn(line, name, arg);)
			;
	}
	free(text);
}

/* "eth0 00000000 0100A8C0 0003 ...": words in the byte order of the machine. */
static bool route4(const char *line, const char *name, void *arg)
{
	struct host_gateways *ret = arg;
	char is[HOST_NAME_MAX];
	struct in_addr to, via;

	if (sscanf(line, "%47s %x %x", is, &to.s_addr, &via.s_addr) != 3 ||
	    strcmp(is, name) != 0 || to.s_addr != 0 || via.s_addr == 0)
		return false;
	(void)inet_ntop(AF_INET, &via, ret->ipv4, sizeof(ret->ipv4));
	return true;
}

/* 32 hexadecimal digits. */
static bool address6(const char *hex, struct in6_addr *ret)
{
	if (strlen(hex) != 32)
		return false;
	for (size_t i = 0; i < 16; i++) {
		unsigned byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return false;
		ret->s6_addr[i] = (uint8_t)byte;
	}
	return true;
}

/* "TO LENGTH FROM LENGTH VIA metric refs use flags eth0" */
static bool route6(const char *line, const char *name, void *arg)
{
	struct host_gateways *ret = arg;
	char via[33], is[HOST_NAME_MAX];
	struct in6_addr a;
	unsigned bits;

	if (sscanf(line, "%*32s %x %*32s %*x %32s %*x %*x %*x %*x %47s", &bits, via,
		   is) != 3 ||
	    strcmp(is, name) != 0 || bits != 0 || !address6(via, &a) ||
	    IN6_IS_ADDR_UNSPECIFIED(&a))
		return false;
	(void)inet_ntop(AF_INET6, &a, ret->ipv6, sizeof(ret->ipv6));
	return true;
}

void host_find_gateways(const struct host *h, const char *name,
			struct host_gateways *ret)
{
	*ret = (struct host_gateways){ 0 };
	each_line(h, "/proc/net/route", name, route4, ret);
	each_line(h, "/proc/net/ipv6_route", name, route6, ret);
}

/* "ADDRESS index prefix scope flags eth0": the one of global scope that is shown. */
static bool state6(const char *line, const char *name, void *arg)
{
	struct host_ipv6 *is = arg;
	char hex[33], text[46], dev[HOST_NAME_MAX];
	unsigned prefix, flags;
	struct in6_addr a;

	if (sscanf(line, "%32s %*x %x %*x %x %47s", hex, &prefix, &flags, dev) != 4 ||
	    strcmp(dev, name) != 0 || !address6(hex, &a) ||
	    !inet_ntop(AF_INET6, &a, text, sizeof(text)) ||
	    strcmp(text, is->address) != 0)
		return false;
	is->prefix = prefix;
	if (flags & IFA_F_DADFAILED)
		is->state = BMC_ADDRESS_FAILED;
	else if (flags & IFA_F_TENTATIVE)
		is->state = BMC_ADDRESS_TENTATIVE;
	else if (flags & IFA_F_DEPRECATED)
		is->state = BMC_ADDRESS_DEPRECATED;
	else
		is->state = BMC_ADDRESS_PREFERRED;
	return true;
}

void host_find_ipv6(const struct host *h, const char *name, const char *address,
		    struct host_ipv6 *ret)
{
	*ret = (struct host_ipv6){ .address = address, .prefix = BMC_UNKNOWN };
	if (address[0])
		each_line(h, "/proc/net/if_inet6", name, state6, ret);
}
