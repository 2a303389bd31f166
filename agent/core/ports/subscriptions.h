// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "bmc/model.h"
#include "core/model/service.h"
#include "core/ports/store.h"

/* Subscriptions to events: who gets them. Their rows are in the snapshot like any other
 * row, and are changed through the action API (BMC_ACT_ADD with the row and what is
 * secret of it among the parameters, SET, REMOVE); agent/subscriptions stores them. The
 * frontends that deliver events follow the rows and report here what became of it. */

/* The lines of what is secret, each "NAME VALUE": */
#define BMC_SECRET_HEADER    "header" /* of an HTTP request: "header X-Name: value" */
#define BMC_SECRET_COMMUNITY "community" /* SNMPv2c                                 */
#define BMC_SECRET_AUTH_KEY  "auth_key"  /* a passphrase of SNMPv3                  */
#define BMC_SECRET_PRIV_KEY  "priv_key"
/* Of an id by which the position of a receiver of the configuration is kept. */
#define BMC_CONFIGURED_PREFIX "snmp-"

#define BMC_SECRETS_MAX 2049 /* bytes, with the NUL */

struct bmc_subscription_ops {
	/** How many there may be. */
	unsigned (*max)(void);
	/** An id for a new one. Any thread. */
	void (*new_id)(char ret[BMC_ID_MAX], uint32_t *ret_index);
	/** What is secret of one; owned, to be wiped. NULL: nothing, or no such
	 * subscription. Any thread. */
	char *(*secrets)(const char *id);
	/** Adds one that lasts as long as a client's connection, if `room` says of its
	 * user on the main thread that it may. The row is published before a message
	 * that the caller posts to the loop afterwards. Any thread. */
	int (*open)(const struct bmc_subscription *stream,
		    bool (*room)(const char *user));
	/** Removes one: its connection has ended, or it is given up. Any thread. */
	void (*close)(const char *id);
	/** Suspends one that takes no events. Any thread. */
	void (*suspend)(const char *id);
	/** Notes that it has all events up to this number. Any thread. */
	void (*delivered)(const char *id, uint32_t event);
	/** The number that was noted last; of a new one that of the newest event when
	 * it was added. Any thread. */
	uint32_t (*position)(const char *id);
	/** As `delivered`, and stores it: what is delivered next waits until `done` is
	 * called, on the main thread, when it is on the disk or can't be. Not called
	 * when this returns an error. `id` may also be one of the configuration's,
	 * which begins with BMC_CONFIGURED_PREFIX. Any thread. */
	int (*confirm)(const char *id, uint32_t event, bmc_store_done *done, void *arg);
	/** Drops the position of one that the configuration does not have any more. Any
	 * thread. */
	void (*forget)(const char *id);
};

/** Set by bmc_subscriptions_init; NULL before and after. */
extern const struct bmc_subscription_ops *bmc_subscriptions;
