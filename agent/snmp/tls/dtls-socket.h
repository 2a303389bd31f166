// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* UDP sockets of the front. Any thread. */

/** Where a datagram came from and to: an answer goes the same way back. */
struct sn_dtls_path {
	int fd;
	struct sockaddr_in6 peer; /* or sockaddr_in */
	struct in6_pktinfo v6;
	struct in_pktinfo v4;
};

/** A socket that is bound and does not block, or -1 with errno. */
int sn_dtls_socket(const struct addrinfo *at);

/** The next datagram, or -1. */
ssize_t sn_dtls_receive(int fd, void *data, size_t size, struct sn_dtls_path *ret);

/** Sends a datagram; one that the socket has no room for is lost, as on the way. */
void sn_dtls_send(const struct sn_dtls_path *path, const void *data, size_t len);
