// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <sys/socket.h>

#define BMC_ADDRESS_MAX 48 /* an IPv6 address, its terminator */

/** Formats the host part of `sa` (AF_INET or AF_INET6; `len` bytes of it are readable)
 *  into dst[size], without a port. An IPv4-mapped IPv6 address (::ffff:192.0.2.1) is
 *  formatted as the IPv4 address that it stands for: every log line, event and session
 *  shows a client in one form, whichever frontend it came to. dst is "" for any other
 *  family or a short `len`. Any thread. */
void bmc_address_format(const struct sockaddr *sa, socklen_t len, char *dst, size_t size);
