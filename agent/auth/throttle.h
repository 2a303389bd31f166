// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "priv/proto.h"

/* The login throttle: decides, before PAM is asked, whether an attempt may be. Any
 * thread; `now` is in milliseconds of bmc_now().
 *
 * A client is an IPv4 address or an IPv6 /64; a network is an IPv4 /24 or an IPv6 /48.
 *
 *  - Known clients. An account keeps the 8 clients that last logged in as it. Each
 *    has a count of its own: 5 failures are free (AccountLockoutThreshold, 1 to 10),
 *    then it waits 1 s, twice as long after each further failure, up to 5 minutes
 *    (AccountLockoutDuration, a minute to a day). A success clears the count and
 *    renews the place. Nothing that another client does changes it, and these failures
 *    count nowhere else: not for the client's attempts about other accounts, not for
 *    its network, not for the account's bucket.
 *  - All other clients share one bucket of attempts per account: 8, refilled by one
 *    every 40 s. So at most 8 + 7 = 15 attempts about one account reach PAM in any 5
 *    minutes. The last 4 are reserved for clean clients: those without a failure in 24
 *    hours, in a network in which fewer than 3 clients had one. A success gives its
 *    attempt back.
 *  - When the bucket gives nothing, an attempt is compared with a keyed hash of the
 *    password that PAM last accepted for this account (held in memory only, from a
 *    login until the account changes). One that is equal is taken to PAM. One that
 *    differs is refused and counts as a failure. A client gets 3 such comparisons in 24
 *    hours, and an account 1024, refilled by one a minute. This is how an administrator
 *    logs in at once from an address never seen before while others use up the bucket.
 *  - A client that is not known to the account may fail 10 times about all names
 *    together, and once more every 30 s.
 *
 * A refused request makes no entry. Entries of existing accounts are never evicted.
 * Names that are no account have entries in a table of their own (256, the one quiet
 * longest makes room) and are treated alike, so an answer does not reveal whether an
 * account exists. Entries of clients (1024) are evicted in the same way.
 *
 * All entries are stored (throttle-store.c), those of made-up names too: else a restart
 * would tell accounts apart from them. A restart loses only the hash of the password,
 * which is not stored.
 *
 * What an attacker with N addresses can reach about one account:
 *  - At PAM: 15 attempts in 5 minutes, whatever N is. From an address that is a known
 *    client, 13 in 5 minutes in addition.
 *  - Tested without PAM, by the comparison: 3 N in 24 hours, never more than 1024 and
 *    one a minute after that.
 *  - Together fewer than 5,000 passwords a day, known clients aside.
 *
 * What remains:
 *  - An attacker who spends a clean address in a new network every 40 s keeps the
 *    bucket empty. Then a new address gets in by the comparison only: not after a
 *    restart until the first login from a known client, and not while 1024
 *    comparisons are used up (342 addresses). Known clients are never affected.
 *  - An attacker that shares a known client's address can make it wait up to 5
 *    minutes.
 *  - An attacker that uses more than 256 made-up names at once, from 26 addresses or
 *    more, can tell a name that exists from one that does not, by its bucket.
 *  - An attacker with more than 1024 addresses can have the entry of a client evicted,
 *    and with it its failures. The limits of an account hold all the same.
 */

#define BMC_THROTTLE_FREE          5u
#define BMC_THROTTLE_FIRST_MS      1000
#define BMC_THROTTLE_LONGEST_MS    300000
#define BMC_THROTTLE_KNOWN         8u
#define BMC_THROTTLE_BUCKET        8
#define BMC_THROTTLE_RESERVED      4
#define BMC_THROTTLE_BUCKET_MS     40000
#define BMC_THROTTLE_COMPARE       3u
#define BMC_THROTTLE_COMPARE_ALL   1024
#define BMC_THROTTLE_COMPARE_MS    60000
#define BMC_THROTTLE_CLIENT_FREE   10
#define BMC_THROTTLE_CLIENT_MS     30000
#define BMC_THROTTLE_NETWORK_FREE  3u
#define BMC_THROTTLE_CLEAN_MS      86400000
#define BMC_THROTTLE_CLIENTS       1024u
#define BMC_THROTTLE_UNKNOWN_NAMES 256u

/** What a user set: failures of a known client that are free, 1..10, and its longest
 * wait, 60000..86400000 ms. Without it BMC_THROTTLE_FREE and BMC_THROTTLE_LONGEST_MS
 * hold. */
void bmc_throttle_configure(unsigned free, int64_t longest_ms);

enum bmc_attempt {
	BMC_ATTEMPT_WRONG,
	BMC_ATTEMPT_RIGHT,
	BMC_ATTEMPT_UNKNOWN,  /* PAM was asked and gave no answer */
	BMC_ATTEMPT_NOT_ASKED /* dropped before PAM was asked     */
};

/** How an attempt was admitted; the first are served first. */
enum bmc_login_class {
	BMC_LOGIN_KNOWN,   /* from a known client of the account   */
	BMC_LOGIN_MATCH,   /* the password last accepted by PAM    */
	BMC_LOGIN_CLEAN,   /* from a client without failures       */
	BMC_LOGIN_SUSPECT, /* from any other                       */
	BMC_LOGIN_REFUSED
};

/** Empties everything. */
void bmc_throttle_init(void);
/** The accounts that exist: entries of others go. */
void bmc_throttle_accounts(const struct priv_accounts *all);

/** Whether this client may ask PAM about this user now; `matches`: the password is the
 * one that PAM last accepted. Unless refused, bmc_throttle_result has to follow: what
 * is under way counts as wrong so long. */
enum bmc_login_class bmc_throttle_admit(const char *user, const char *client,
					bool matches, int64_t now);
/** What PAM said of an attempt admitted as `class`. Returns true when the client has to
 * wait from now on and had not before. */
bool bmc_throttle_result(const char *user, const char *client,
			 enum bmc_login_class class, int64_t now, enum bmc_attempt was);
/** The right password was given and remembered, so PAM need not be asked. False when
 * this client may not ask now: else the remembered hash would answer attempts
 * without end. */
bool bmc_throttle_right(const char *user, const char *client, int64_t now);
/** An Administrator unlocked the account. */
void bmc_throttle_drop(const char *user);

/** Reads what was stored. Main thread, at start, before bmc_throttle_accounts(). */
void bmc_throttle_load(int64_t now);
/** Stores what changed, at most 64 entries a call, unless the store is failing. True
 * when there may be more. Main thread. */
bool bmc_throttle_save(void);
