// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "bmc/conf.h"
#include "bmc/error.h"
#include "core/model/service.h"
#include "core/snapshot/snapshot.h"
#include "snmp/access.h"

/* Who gets notifications, as traps or as informs. Nothing here ever waits: a name is
 * looked up in a thread of its own, an inform's engine is discovered by a probe whose
 * answer arrives like any other datagram. Until then notifications queue, the oldest
 * going first when there are too many. SNMP's thread, but for init and done. */

#define SN_CONFIGURED_MAX 16 /* receivers of the config */
#define SN_RECEIVERS_MAX  32 /* with those that users have subscribed */
#define SN_HOST_MAX       201

/** What the config says of one; zeroed where it says nothing. */
struct sn_receiver {
	char host[SN_HOST_MAX];
	int port;
	bool v3, inform;
	char community[SN_COMMUNITY_MAX]; /* v2c */
	struct sn_entry user;             /* v3: a copy */
};

struct sn_receivers {
	struct sn_receiver one[SN_RECEIVERS_MAX];
	size_t n;
};

/** Reads and checks a config's `receivers`, who send as users of `access`; owned. Any
 *  thread. */
int sn_receivers_read(const struct bmc_conf *snmp, const struct sn_access *access,
		      struct sn_receivers **ret, struct bmc_error *err);
/** Adds those that users have subscribed (rows of kind subscription), and who they send
 * as to `access`. */
void sn_receivers_add_rows(struct sn_receivers *all, struct sn_access *access,
			   const struct bmc_snapshot *s);
/** Calls `each` with a row that shows a receiver of the config. Any thread. */
void sn_receivers_each_row(const struct sn_receivers *all,
			   void (*each)(const struct bmc_subscription *row));
/** Wipes and frees. Accepts NULL. */
void sn_receivers_free(struct sn_receivers *all);

/** Puts them in the place of those before; stolen. Those that have not changed keep
 * their session and queue; what waits for those that are gone is dropped. */
void sn_receivers_use(struct sn_receivers *all);

/** Sends a notification to all of them. The PDU is stolen. */
void sn_receivers_send(netsnmp_pdu *pdu);

/** Goes on with receivers that are not ready yet. */
void sn_receivers_tick(void);

void sn_receivers_done(void);
