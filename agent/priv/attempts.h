// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

#include "priv/proto.h"

/* How often passwords of an account may be tried, whatever the daemon lets through: the
 * second line behind its own throttle, for a daemon that an attacker has taken over.
 * Only attempts about which PAM was asked count, so only accounts that exist have an
 * entry. Times are of priv_now(), in ns. Main thread of the helper only. */

/* The daemon's throttle refuses long before: it lets through about 20 wrong passwords
 * in this time from unknown addresses, and a few from each address that is known. */
#define PRIV_ATTEMPTS_MAX    100u
#define PRIV_ATTEMPTS_WINDOW (INT64_C(300) * 1000000000)
/* Above the limit: one attempt in this time, so that the right password still works. */
#define PRIV_ATTEMPTS_PACE INT64_C(1000000000)

struct priv_attempts {
	struct priv_attempts_entry {
		char user[BMC_ID_MAX]; /* "": free */
		unsigned wrong;        /* since `begin` */
		int64_t begin,
			next; /* next: when one more may be tried above the limit */
	} entry[2 * PRIV_ACCOUNTS_MAX];
	struct priv_attempts_entry overflow; /* of all users without an entry */
};

/** Whether a password of `user` may be tried now, when `under_way` attempts at it have
 * no result yet. Otherwise BMC_EAGAIN, with the time to wait in the detail. */
int priv_attempts_admit(struct priv_attempts *a, const char *user, unsigned under_way,
			int64_t now, struct bmc_error *err);

/** PAM has refused a password of `user`. True when that has reached the limit. */
bool priv_attempts_wrong(struct priv_attempts *a, const char *user, int64_t now);
