// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "discovery/network.h"

/* The two sockets of SSDP, UDP port 1900 over IPv4 and over IPv6. Main thread. */

#define SSDP_PORT 1900

/** A non-blocking socket bound to SSDP_PORT, which other programs may have too, or, to
 * search, to any (0); -1. */
int ssdp_socket_new(int family, in_port_t port);
/** Joins the group on each of those interfaces; what it has joined already stays. */
void ssdp_socket_join(int fd, int family, const struct ssdp_network *net);

struct ssdp_datagram {
	char data[2049]; /* one more than is looked at */
	size_t len;
	struct sockaddr_storage from;
	unsigned interface; /* over which it came */
	bool multicast;
};
/** False: there is none now. */
bool ssdp_socket_receive(int fd, struct ssdp_datagram *ret);

/** Sends to `to` from one of our addresses; NULL: to the group, over its interface. */
void ssdp_socket_send(int fd, const struct ssdp_address *from,
		      const struct sockaddr_storage *to, const char *data, size_t len);

/** The group and port as SSDP writes them. */
const char *ssdp_group_name(int family);
