// SPDX-License-Identifier: Apache-2.0
/* The one place where a client's address becomes text; both frontends call it. */
#include "core/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

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
