// SPDX-License-Identifier: Apache-2.0
/* Static IPv4 addresses. See ipv4.h. */
#include "core/base/ipv4.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "core/base/util.h"

static uint32_t mask_of(unsigned prefix)
{
	return prefix ? UINT32_MAX << (32 - prefix) : 0;
}

static bool parse_address(const char *text, uint32_t *ret)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	*ret = ntohl(in.s_addr);
	return true;
}

void bmc_ipv4_mask(unsigned prefix, char ret[16])
{
	struct in_addr in = { htonl(mask_of(prefix)) };

	(void)inet_ntop(AF_INET, &in, ret, 16);
}

bool bmc_ipv4_prefix(const char *mask, unsigned *ret)
{
	uint32_t m;

	if (!parse_address(mask, &m))
		return false;
	*ret = (unsigned)__builtin_popcount(m);
	return m == mask_of(*ret);
}

/* "24" and no more. */
static bool parse_prefix(const char *text, unsigned *ret)
{
	size_t n = strlen(text);

	if (n < 1 || n > 2 || strspn(text, "0123456789") != n ||
	    (n == 2 && *text == '0'))
		return false;
	*ret = (unsigned)(text[0] - '0');
	if (n == 2)
		*ret = *ret * 10 + (unsigned)(text[1] - '0');
	return true;
}

/* Of class A to C, and not this host's, RFC 1122 3.2.1.3. */
static bool is_unicast(uint32_t a)
{
	return a >> 24 != 0 && a >> 24 != 127 && a >> 24 < 224;
}

static bool is_host(uint32_t a, unsigned prefix)
{
	uint32_t host = a & ~mask_of(prefix);

	return host != 0 && host != ~mask_of(prefix);
}

static const char *check(uint32_t a, unsigned prefix, const char *gateway)
{
	uint32_t g;

	if (prefix < 1 || prefix > 30)
		return "the prefix is of 1 to 30 bits";
	if (!is_unicast(a) || !is_host(a, prefix))
		return "the address is not one of a host";
	if (!gateway[0])
		return NULL;
	if (!parse_address(gateway, &g))
		return "the gateway is no IPv4 address";
	if ((a ^ g) & mask_of(prefix) || !is_host(g, prefix) || a == g)
		return "the gateway is no other host of the address's network";
	return NULL;
}

const char *bmc_ipv4_static_parse(const char *text, struct bmc_ipv4_static *ret)
{
	char copy[BMC_IPV4_TEXT_MAX], *slash, *blank;
	uint32_t a;

	memset(ret, 0, sizeof(*ret));
	if (!bmc_copy(copy, sizeof(copy), text))
		return "it is too long";
	blank = strchr(copy, ' ');
	if (blank)
		*blank++ = '\0';
	slash = strchr(copy, '/');
	if (!slash || !parse_prefix(slash + 1, &ret->prefix))
		return "ADDRESS/BITS, and a blank and the gateway where there is one";
	*slash = '\0';
	if (!parse_address(copy, &a) || (blank && !*blank))
		return "ADDRESS/BITS, and a blank and the gateway where there is one";
	if (blank && strlen(blank) >= sizeof(ret->gateway))
		return "the gateway is no IPv4 address";
	(void)bmc_copy(ret->address, sizeof(ret->address), copy);
	(void)bmc_copy(ret->gateway, sizeof(ret->gateway), blank ? blank : "");
	return check(a, ret->prefix, ret->gateway);
}

void bmc_ipv4_static_format(const struct bmc_ipv4_static *s,
			    char ret[BMC_IPV4_TEXT_MAX])
{
	(void)snprintf(ret, BMC_IPV4_TEXT_MAX, "%s/%u%s%s", s->address, s->prefix,
		       s->gateway[0] ? " " : "", s->gateway);
}
