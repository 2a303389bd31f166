// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/conf.h"
#include "bmc/error.h"

/* The addresses that the agent listens on, from the config. Any thread. */

#define SN_BIND_MAX 16u

struct sn_bind {
	char spec[100]; /* as net-snmp takes it: "udp6:[::1]:161"       */
	bool optional;  /* one of the two that `*` stands for: the other will do */
};

/** Fills `ret[SN_BIND_MAX]` from `bind`, whose addresses have `port` where they name
 * none. Returns how many, or BMC_EINVAL: no address, BMC_ENOSPC: too many. */
int sn_bind_read(const struct bmc_conf *snmp, struct sn_bind *ret,
		 struct bmc_error *err);
