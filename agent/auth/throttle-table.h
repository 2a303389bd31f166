// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netinet/in.h>
#include <pthread.h>

#include "auth/throttle.h"

/* The tables of the login throttle, shared by throttle.c and throttle-store.c. Only
 * with the mutex held. All times are of bmc_now(); 0 means never. */

/* A bucket is held as the time at which it will be full. */
struct throttle_name {
	char name[BMC_ID_MAX];
	int64_t attempts, compares; /* buckets */
	int64_t at;                 /* last admitted */
	bool dirty;
};

struct throttle_known {
	struct in6_addr client; /* `at` 0: a free place */
	unsigned wrong, under_way;
	int64_t until, at;
	bool dirty;
};

struct throttle_account {
	struct throttle_name name; /* "": a free place */
	struct throttle_known known[BMC_THROTTLE_KNOWN];
};

struct throttle_client {
	struct in6_addr key; /* `at` 0: a free place */
	int64_t attempts;    /* bucket */
	int64_t at;          /* last admitted or compared */
	int64_t wrong_at;    /* last failure; what is under way counts */
	int64_t before;      /* wrong_at without what is under way */
	unsigned under_way;
	unsigned compared; /* since it was clean */
	bool locked, dirty;
};

struct throttle_tables {
	pthread_mutex_t mutex;
	unsigned free;   /* failures of a known client */
	int64_t longest; /* ms: its longest wait       */
	struct throttle_account account[PRIV_ACCOUNTS_MAX];
	struct throttle_name unknown[BMC_THROTTLE_UNKNOWN_NAMES];
	struct throttle_client client[BMC_THROTTLE_CLIENTS];
};

extern struct throttle_tables bmc_throttle;
