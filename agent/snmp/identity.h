// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "bmc/error.h"

/* The engine's identity for SNMPv3: its id, for ever the same, and the count of its
 * starts, which must never be seen twice (RFC 3414, 2.3): with a repeated count a
 * recorded request could be played back, and managers refuse the agent. net-snmp counts
 * only clean ends, so the count is kept here, in one small file that is replaced
 * atomically. */

#define SN_ENGINE_ID_MAX 32

struct sn_identity {
	unsigned char id[SN_ENGINE_ID_MAX];
	size_t len;
	uint32_t boots;
};

/** What the id is made of where none is kept or configured. */
struct sn_identity_seed {
	const char *configured; /* hex digits, "" or NULL: none      */
	uint32_t enterprise;    /* the number in the id's first four octets */
	const char *unique;     /* a serial number or UUID; "": random */
};

/** Reads DIR/engine, counts this start and has it on the disk before it returns. An
 * error that leaves the identity usable (the disk takes no writes) is BMC_EIO: `ret` is
 * filled. */
int sn_identity_load(const char *dir, const struct sn_identity_seed *seed,
		     struct sn_identity *ret, struct bmc_error *err);
