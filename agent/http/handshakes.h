// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* TLS handshakes are limited for each client address (an IPv4 address, or the /64 of an
 * IPv6 address) by a token bucket, before any cryptography. A resumed handshake costs
 * two thirds of a full one (ECDHE, and a new ticket), so both count alike. Only the
 * thread that accepts connections calls this once it runs. */

/** `rate`: tokens a second, 0: no limit; `burst`: the size of a bucket. */
void http_handshakes_init(unsigned rate, unsigned burst);
/** Takes a token of this address at `now` (BMC_TIME); false: its bucket is empty. The
 *  table is bounded: a new address takes the place of the one with the fullest bucket,
 *  which loses least by that. */
bool http_handshakes_take(const struct sockaddr *client, int64_t now);
