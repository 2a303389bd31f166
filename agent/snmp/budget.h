// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What each source address may still cause: bytes of answers that are much longer than
 * their requests, and requests that do not authenticate. Both refill with time. Pure
 * logic: the clock comes in as `now` (BMC_TIME, milliseconds). One thread.
 *
 * The table is bounded. A source is forgotten only when all that it has used has
 * refilled, so that no flood of forged sources gives one its budget back; sources that
 * find no place share one budget. */

#define SN_BUDGET_SETS    512u
#define SN_BUDGET_WAYS    8u
#define SN_FAILURES_BURST 100u   /* requests that do not authenticate, at once  */
#define SN_FAILURES_RATE  10u    /* and then in each second                     */
#define SN_TRUST_MS       600000 /* for which an authenticated source is known */

struct sockaddr;

/* An IPv4 address, or the /64 of an IPv6 address. */
struct sn_source {
	uint64_t net;
	bool v6;
};

struct sn_account {
	struct sn_source source;
	bool used;
	int64_t at;             /* when `debt` and `failures` were last counted down */
	int64_t debt, failures; /* in thousandths of a byte, of a request */
	int64_t authenticated_until; /* 0: never was */
};

struct sn_budget {
	uint64_t seed;
	int64_t rate, burst; /* bytes a second, bytes; rate 0: no limit */
	struct sn_account accounts[SN_BUDGET_SETS][SN_BUDGET_WAYS];
	struct sn_account shared;
};

/** `seed` is random: sources that share a set can't be chosen then. */
void sn_budget_init(struct sn_budget *b, int64_t rate, int64_t burst, uint64_t seed);

/** The source of an address; an IPv4 address within IPv6 counts as IPv4. False for
 * another family. */
bool sn_source_of(const struct sockaddr *sa, struct sn_source *ret);

/** Bytes that are left to a source. */
int64_t sn_budget_left(struct sn_budget *b, const struct sn_source *s, int64_t now);

/** Takes `bytes` off; false, and nothing is taken, when less is left. */
bool sn_budget_spend(struct sn_budget *b, const struct sn_source *s, size_t bytes,
		     int64_t now);

/** Counts a request that did not authenticate. */
void sn_budget_failed(struct sn_budget *b, const struct sn_source *s, int64_t now);

/** Notes that a request of this source has authenticated. */
void sn_budget_authenticated(struct sn_budget *b, const struct sn_source *s,
			     int64_t now);

/** Whether the source has failed too often just now. One without a place never has: it
 * would be refused for what others do. */
bool sn_budget_failing(struct sn_budget *b, const struct sn_source *s, int64_t now);

/** Whether it has authenticated within SN_TRUST_MS. */
bool sn_budget_trusted(struct sn_budget *b, const struct sn_source *s, int64_t now);
