// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* The machine's addresses on networks where SSDP is spoken: interfaces that are up and
 * take multicast, never the loopback. Main thread. */

#define SSDP_ADDRESSES_MAX 64

struct ssdp_address {
	unsigned interface;           /* its index  */
	struct sockaddr_storage is;   /* port 0     */
	struct sockaddr_storage mask; /* of its net */
};

struct ssdp_network {
	struct ssdp_address list[SSDP_ADDRESSES_MAX];
	size_t n;
};

/** Reads them from the kernel; none when that fails. */
void ssdp_network_read(struct ssdp_network *ret);

/** The address of that interface in whose net `peer` is: who isn't on the link gets no
 * answer. NULL: none. For an IPv6 peer with a link-local address one that is not
 * link-local goes first, which a client can use without the link's name. */
const struct ssdp_address *ssdp_network_on_link(const struct ssdp_network *net,
						unsigned interface,
						const struct sockaddr_storage *peer);

/** Whether two are the same, but for the port. */
bool ssdp_address_equal(const struct sockaddr_storage *a,
			const struct sockaddr_storage *b);
