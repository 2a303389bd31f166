// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "bmc/conf.h"
#include "bmc/error.h"
#include "core/model/service.h"
#include "core/snapshot/snapshot.h"
#include "snmp/access.h"

/* Who gets notifications, as traps or as informs. A receiver has no queue but a place
 * in the list of events, so one that is slow or dead costs no memory and holds up no
 * other: receiver-feed.h. Nothing here ever waits: receiver-link.h. An inform is sent
 * when the one before is acknowledged, and again until it is. SNMP's thread, but for
 * reading a config. */

#define SN_CONFIGURED_MAX 16 /* receivers of the config */
#define SN_RECEIVERS_MAX  33 /* with those that users have subscribed, and AgentX */
#define SN_HOST_MAX       201

/** What the config says of one; zeroed where it says nothing. */
struct sn_receiver {
	char id[BMC_ID_MAX]; /* of its position: that of its row, or made of what
				follows */
	char host[SN_HOST_MAX];
	int port;
	bool v1, v3, inform;
	bool master; /* of AgentX: it sends on to receivers of its own */
	char community[SN_COMMUNITY_MAX]; /* v1, v2c */
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
 * their session; all keep their place in the list of events. */
void sn_receivers_use(struct sn_receivers *all);

/** Those that are there, one after the other, but for an AgentX master; NULL: no more.
 * Borrowed until the next sn_receivers_use. */
const struct sn_receiver *sn_receivers_get(size_t i);

/** Sends coldStart to each, before anything else. */
void sn_receivers_cold_start(void);

/** Sends each what is new to it, or is to be sent again. Cheap when nothing is. */
void sn_receivers_tick(void);

/** Has them pass by all events that there are. */
void sn_receivers_skip(void);

void sn_receivers_done(void);
