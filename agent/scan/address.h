// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "scan/scan.h"

/* Addresses as text, and lists of them. Pure, but for the names of interfaces. */

#define SCAN_HOST_MAX (INET6_ADDRSTRLEN + 18) /* with "%eth0" */
#define SCAN_URL_MAX  (SCAN_HOST_MAX + 32)

/** Without brackets. */
void scan_address_text(const struct sockaddr_storage *a, char ret[SCAN_HOST_MAX]);
/** An IPv4 or IPv6 address, the latter also with "%INTERFACE". */
bool scan_address_read(const char *text, struct sockaddr_storage *ret);
void scan_address_set_port(struct sockaddr_storage *a, unsigned port);
unsigned scan_address_port(const struct sockaddr_storage *a);
bool scan_address_link_local(const struct sockaddr_storage *a);
/** The index of the interface of a link-local address; 0: none. */
unsigned scan_address_scope(const struct sockaddr_storage *a);
void scan_address_set_scope(struct sockaddr_storage *a, unsigned interface);

/** A port number, 1 to 65535; 0: it is none. */
unsigned scan_port_read(const char *text);

/** Reads "ADDRESS[:PORT]", "[IPV6]:PORT" or "IPV4/BITS[:PORT]", between commas. Those
 * it names are appended to list[*n], at most SCAN_ENDPOINTS_MAX in all. Returns false
 * and what is wrong in `why`. */
bool scan_targets_read(const char *text, struct scan_endpoint *list, size_t *n,
		       char why[160]);
/** The same, and "HOSTNAME[:PORT]": all addresses, IPv4 and IPv6, that the system's
 * resolver knows at this moment, with a `name` of their own. It may wait for it. */
bool scan_hosts_read(const char *text, struct scan_endpoint *list, size_t *n,
		     char why[160]);
