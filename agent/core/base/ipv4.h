// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* A static IPv4 address as a setting has it: "192.0.2.7/24 192.0.2.1", an address with
 * the length of its network's prefix, and the gateway where there is one. */

#define BMC_IPV4_TEXT_MAX 48

struct bmc_ipv4_static {
	char address[16], gateway[16]; /* gateway "": none   */
	unsigned prefix;               /* bits, 1..30        */
};

/** Reads and checks it: a unicast address of a host in a network of 1..30 bits, the
 * gateway another host there. NULL: it is right; else why not, a static text. Any
 * thread.
 */
const char *bmc_ipv4_static_parse(const char *text, struct bmc_ipv4_static *ret);
/** The text of it. */
void bmc_ipv4_static_format(const struct bmc_ipv4_static *s,
			    char ret[BMC_IPV4_TEXT_MAX]);
/** "255.255.255.0" for 24 bits (0..32). */
void bmc_ipv4_mask(unsigned prefix, char ret[16]);
/** The bits of a mask; false: it is none. */
bool bmc_ipv4_prefix(const char *mask, unsigned *ret);
