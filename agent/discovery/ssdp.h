// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

#include "discovery/discovery.h"
#include "discovery/network.h"

/* What ssdp.c, which speaks, shares with discovery.c, which says when. Main thread. */

/** Opens the sockets and begins to answer. `uuid`: the service root's. */
void ssdp_on(const struct discovery_conf *conf, const char *uuid);
/** Says that the service goes, when it was announced, and closes the sockets. */
void ssdp_off(void);
/** Announces it now and each `every_s` seconds from now on; 0: says that it goes, when
 * it was announced, and announces it no more. While on. */
void ssdp_announce_every(int64_t every_s);
/** Interfaces or addresses have changed. While on. */
void ssdp_network_changed(void);
