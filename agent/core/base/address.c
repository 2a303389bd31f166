// SPDX-License-Identifier: Apache-2.0
/* The one place where a client's address becomes text, and the key under which limits
 * count it; both frontends call it. */
#include "core/base/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LOCAL "local:"

static const void *bytes_of_v6(const struct sockaddr_in6 *a, int *ret_family)
{
	if (!IN6_IS_ADDR_V4MAPPED(&a->sin6_addr)) {
		*ret_family = AF_INET6;
		return &a->sin6_addr;
	}
	*ret_family = AF_INET;
	return &a->sin6_addr.s6_addr[12];
}

void bmc_address_format(const struct sockaddr *sa, socklen_t len, char *dst,
			size_t size)
{
	const void *bytes = NULL;
	int family = AF_INET;

	if (sa && len >= sizeof(struct sockaddr_in) && sa->sa_family == AF_INET)
		bytes = &((const struct sockaddr_in *)(const void *)sa)->sin_addr;
	else if (sa && len >= sizeof(struct sockaddr_in6) && sa->sa_family == AF_INET6)
		bytes = bytes_of_v6((const void *)sa, &family);
	if (!bytes || !inet_ntop(family, bytes, dst, (socklen_t)size))
		dst[0] = '\0';
}

static struct in6_addr client_v4(const struct in_addr *v4)
{
	struct in6_addr client = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	memcpy(&client.s6_addr[12], v4, sizeof(*v4));
	return client;
}

static struct in6_addr client_v6(const struct in6_addr *v6)
{
	struct in6_addr client = *v6;

	if (!IN6_IS_ADDR_V4MAPPED(v6))
		memset(&client.s6_addr[8], 0, 8);
	return client;
}

struct in6_addr bmc_address_client(const struct sockaddr *sa)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct in6_addr other;

	if (sa && sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof(v4));
		return client_v4(&v4.sin_addr);
	}
	if (sa && sa->sa_family == AF_INET6) {
		memcpy(&v6, sa, sizeof(v6));
		return client_v6(&v6.sin6_addr);
	}
	memset(&other, 0xff, sizeof(other));
	return other;
}

void bmc_address_local_format(uid_t uid, char *dst, size_t size)
{
	(void)snprintf(dst, size, LOCAL "%u", (unsigned)uid);
}

struct in6_addr bmc_address_local(uid_t uid)
{
	struct in6_addr client = bmc_address_client(NULL);

	/* (uid_t)-1, for which other families stand, is no user's */
	memcpy(&client.s6_addr[12], &uid, sizeof(uid));
	return client;
}

struct in6_addr bmc_address_client_of(const char *text)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (strncmp(text, LOCAL, strlen(LOCAL)) == 0)
		return bmc_address_local(
			(uid_t)strtoul(text + strlen(LOCAL), NULL, 10));
	if (inet_pton(AF_INET, text, &v4) == 1)
		return client_v4(&v4);
	if (inet_pton(AF_INET6, text, &v6) == 1)
		return client_v6(&v6);
	return bmc_address_client(NULL);
}

bool bmc_address_is_same(const struct in6_addr *a, const struct in6_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* ---- where notifications go ---- */

static bool take_part(char *to, size_t size, const char *from, size_t n,
		      const char *also)
{
	if (n == 0 || n >= size)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!isalnum((unsigned char)from[i]) && !strchr(also, from[i]))
			return false;
	}
	memcpy(to, from, n);
	to[n] = '\0';
	return true;
}

static bool take_port(const char *at, uint16_t *ret)
{
	char *end;
	unsigned long n;

	*ret = 162;
	if (strcmp(at, "") == 0 || strcmp(at, "/") == 0)
		return true;
	if (at[0] != ':' || at[1] < '1' || at[1] > '9')
		return false;
	n = strtoul(at + 1, &end, 10);
	*ret = (uint16_t)n;
	return n <= UINT16_MAX && (!*end || strcmp(end, "/") == 0);
}

bool bmc_snmp_uri_parse(const char *uri, struct bmc_snmp_uri *ret)
{
	static const char scheme[] = "snmp://";
	const char *at = uri + strlen(scheme), *sign;
	size_t n;

	memset(ret, 0, sizeof(*ret));
	if (strncasecmp(uri, scheme, strlen(scheme)) != 0)
		return false;
	sign = strchr(at, '@');
	if (sign &&
	    !take_part(ret->user, sizeof(ret->user), at, (size_t)(sign - at), "._-"))
		return false;
	at = sign ? sign + 1 : at;
	if (*at == '[') {
		n = strcspn(++at, "]");
		return take_part(ret->host, sizeof(ret->host), at, n, ":.") &&
		       at[n] == ']' && take_port(at + n + 1, &ret->port);
	}
	n = strcspn(at, ":/");
	return take_part(ret->host, sizeof(ret->host), at, n, ".-_") &&
	       take_port(at + n, &ret->port);
}
