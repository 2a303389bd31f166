// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define BMC_ADDRESS_MAX 48 /* an IPv6 address, its terminator */

/** Formats the host part of `sa` (AF_INET or AF_INET6; `len` bytes of it are readable)
 *  into dst[size], without a port. An IPv4-mapped IPv6 address (::ffff:192.0.2.1) is
 *  formatted as the IPv4 address that it stands for: every log line, event and session
 *  shows a client in one form, whichever frontend it came to. dst is "" for any other
 *  family or a short `len`. Any thread. */
void bmc_address_format(const struct sockaddr *sa, socklen_t len, char *dst,
			size_t size);

/** The client that `sa` belongs to, as every limit counts clients: an IPv4 address, in
 *  its IPv4-mapped form whichever socket it came from, or an IPv6 network of 64 bits
 *  (RFC 4291: one host can use all of it), its host part 0. Any other family, or NULL,
 *  is one client, all bits set. Any thread. */
struct in6_addr bmc_address_client(const struct sockaddr *sa);
/** The client that a user of a Unix socket is, and its text, "local:" and the uid.
 * Users are distinguished, lest one of them uses up what all may do. Any thread. */
struct in6_addr bmc_address_local(uid_t uid);
void bmc_address_local_format(uid_t uid, char *dst, size_t size);
/** The same of a numeric address or a local user as text. */
struct in6_addr bmc_address_client_of(const char *text);
bool bmc_address_is_same(const struct in6_addr *a, const struct in6_addr *b);

/** Where SNMP notifications go: "snmp://[USER@]HOST[:PORT]" (RFC 4088), HOST an address
 * (of IPv6 in brackets) or a name. */
struct bmc_snmp_uri {
	char user[32], host[201];
	uint16_t port; /* 162 where none is named */
};
/** False: it is none, or something in it is too long. Any thread. */
bool bmc_snmp_uri_parse(const char *uri, struct bmc_snmp_uri *ret);
