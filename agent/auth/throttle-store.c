// SPDX-License-Identifier: Apache-2.0
// What the login throttle keeps over a restart. Each place of its tables has one record
// in the store, so what is stored is bounded as the tables are; what changed is written
// by a timer, so that an attack costs no more writes than that. While the store takes
// no writes nothing is given to it, and the marks stay.
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auth/throttle-table.h"
#include "core/base/util.h"
#include "core/ports/store.h"

#define RECORDS_MAX 64u
#define LONG_MS     (INT64_C(2) * BMC_THROTTLE_CLEAN_MS)

struct batch {
	size_t n;
	struct bmc_record rec[RECORDS_MAX];
};

/* ---- writing ---- */

/* The next record, NULL when the batch is full. */
static struct bmc_record *next_record(struct batch *b, int64_t num)
{
	struct bmc_record *r = b->n < RECORDS_MAX ? &b->rec[b->n++] : NULL;

	if (r)
		*r = (struct bmc_record){ .type = BMC_REC_META,
					  .kind = BMC_ACCOUNT,
					  .num = num };
	return r;
}

static int64_t wall(int64_t at)
{
	return at ? bmc_wall(at) : 0;
}

static void text_of(const struct in6_addr *key, char text[INET6_ADDRSTRLEN])
{
	(void)inet_ntop(AF_INET6, key, text, INET6_ADDRSTRLEN);
}

static void save_account(struct batch *b, unsigned i, struct throttle_name *n)
{
	struct bmc_record *r = n->dirty ? next_record(b, wall(n->attempts)) : NULL;

	if (!r)
		return;
	n->dirty = false;
	(void)snprintf(r->field, sizeof(r->field), "throttle-account-%u", i);
	if (n->name[0])
		(void)snprintf(r->text, sizeof(r->text), "%s %" PRId64, n->name,
			       wall(n->compares));
}

static void save_known(struct batch *b, unsigned i, struct throttle_account *a)
{
	char client[INET6_ADDRSTRLEN];

	for (unsigned k = 0; k < BMC_THROTTLE_KNOWN; k++) {
		struct throttle_known *is = &a->known[k];
		struct bmc_record *r =
			is->dirty ? next_record(b, wall(is->until)) : NULL;
		if (!r)
			continue;
		is->dirty = false;
		(void)snprintf(r->field, sizeof(r->field), "throttle-known-%u-%u", i,
			       k);
		text_of(&is->client, client);
		if (is->at)
			(void)snprintf(r->text, sizeof(r->text), "%s %s %u %" PRId64,
				       a->name.name, client, is->wrong, wall(is->at));
	}
}

static void save_client(struct batch *b, unsigned i, struct throttle_client *c)
{
	char client[INET6_ADDRSTRLEN];
	struct bmc_record *r = c->dirty ? next_record(b, wall(c->attempts)) : NULL;

	if (!r)
		return;
	c->dirty = false;
	text_of(&c->key, client);
	(void)snprintf(r->field, sizeof(r->field), "throttle-client-%u", i);
	(void)snprintf(r->text, sizeof(r->text), "%s %u %" PRId64 " %" PRId64, client,
		       c->compared, wall(c->wrong_at), wall(c->at));
}

/* As hex digits: it may be any text. */
static void save_unknown(struct batch *b, unsigned i, struct throttle_name *n)
{
	char hex[2 * BMC_ID_MAX];
	struct bmc_record *r = n->dirty ? next_record(b, wall(n->attempts)) : NULL;

	if (!r)
		return;
	n->dirty = false;
	bmc_hex(n->name, strlen(n->name), hex);
	(void)snprintf(r->field, sizeof(r->field), "throttle-unknown-%u", i);
	(void)snprintf(r->text, sizeof(r->text), "=%s %" PRId64 " %" PRId64, hex,
		       wall(n->compares), wall(n->at));
}

/* Accounts first: their limits hold whatever is lost of the clients. */
static void collect(struct batch *b)
{
	for (unsigned i = 0; i < PRIV_ACCOUNTS_MAX; i++)
		save_account(b, i, &bmc_throttle.account[i].name);
	for (unsigned i = 0; i < PRIV_ACCOUNTS_MAX; i++)
		save_known(b, i, &bmc_throttle.account[i]);
	for (unsigned i = 0; i < BMC_THROTTLE_CLIENTS; i++)
		save_client(b, i, &bmc_throttle.client[i]);
	for (unsigned i = 0; i < BMC_THROTTLE_UNKNOWN_NAMES; i++)
		save_unknown(b, i, &bmc_throttle.unknown[i]);
}

/* The store's queue was full: what the batch had has to be written later. */
static void mark_all(void)
{
	(void)pthread_mutex_lock(&bmc_throttle.mutex);
	for (unsigned i = 0; i < PRIV_ACCOUNTS_MAX; i++) {
		bmc_throttle.account[i].name.dirty = true;
		for (unsigned k = 0; k < BMC_THROTTLE_KNOWN; k++)
			bmc_throttle.account[i].known[k].dirty = true;
	}
	for (unsigned i = 0; i < BMC_THROTTLE_CLIENTS; i++)
		bmc_throttle.client[i].dirty |= bmc_throttle.client[i].at != 0;
	for (unsigned i = 0; i < BMC_THROTTLE_UNKNOWN_NAMES; i++)
		bmc_throttle.unknown[i].dirty |= bmc_throttle.unknown[i].at != 0;
	(void)pthread_mutex_unlock(&bmc_throttle.mutex);
}

bool bmc_throttle_save(void)
{
	auto_free struct batch *b = NULL;

	if (!bmc_store || !bmc_store->durable())
		return false;
	b = calloc(1, sizeof(*b));
	if (!b)
		return false;
	(void)pthread_mutex_lock(&bmc_throttle.mutex);
	collect(b);
	(void)pthread_mutex_unlock(&bmc_throttle.mutex);
	if (b->n && bmc_store->write(b->rec, b->n, NULL, NULL) < 0) {
		mark_all();
		return false;
	}
	return b->n == RECORDS_MAX;
}

/* ---- reading ---- */

/* A stored time that is further off than any limit lasts came from another clock. */
static int64_t near(int64_t stored, int64_t now, int64_t most)
{
	int64_t at = stored ? bmc_boottime(stored) : 0;

	return stored ? MIN(at, now + most) : 0;
}

static int64_t load_attempts(int64_t stored, int64_t now)
{
	return near(stored, now, BMC_THROTTLE_BUCKET * (int64_t)BMC_THROTTLE_BUCKET_MS);
}

static int64_t load_compares(int64_t stored, int64_t now)
{
	return near(stored, now,
		    BMC_THROTTLE_COMPARE_ALL * (int64_t)BMC_THROTTLE_COMPARE_MS);
}

static int load_account(void *arg, const struct bmc_record *rec)
{
	int64_t now = *(const int64_t *)arg, compares;
	unsigned i;
	char user[BMC_ID_MAX];

	if (rec->kind != BMC_ACCOUNT ||
	    sscanf(rec->field, "throttle-account-%u", &i) != 1 ||
	    i >= PRIV_ACCOUNTS_MAX ||
	    sscanf(rec->text, "%31s %" SCNd64, user, &compares) != 2)
		return 0;
	struct throttle_name *n = &bmc_throttle.account[i].name;
	(void)bmc_copy(n->name, sizeof(n->name), user);
	n->attempts = load_attempts(rec->num, now);
	n->compares = load_compares(compares, now);
	return 0;
}

static void load_known(const struct bmc_record *rec, int64_t now)
{
	unsigned i, k, wrong;
	int64_t at;
	char user[BMC_ID_MAX], client[INET6_ADDRSTRLEN];
	struct in6_addr key;

	if (sscanf(rec->field, "throttle-known-%u-%u", &i, &k) != 2 ||
	    i >= PRIV_ACCOUNTS_MAX || k >= BMC_THROTTLE_KNOWN ||
	    sscanf(rec->text, "%31s %45s %u %" SCNd64, user, client, &wrong, &at) !=
		    4 ||
	    strcmp(user, bmc_throttle.account[i].name.name) != 0 ||
	    inet_pton(AF_INET6, client, &key) != 1)
		return;
	bmc_throttle.account[i].known[k] = (struct throttle_known){
		.client = key,
		.wrong = wrong,
		.until = near(rec->num, now, bmc_throttle.longest),
		.at = near(at, now, 0),
	};
}

static void load_client(const struct bmc_record *rec, int64_t now)
{
	unsigned i, compared;
	int64_t wrong_at, at;
	char client[INET6_ADDRSTRLEN];
	struct in6_addr key;

	if (sscanf(rec->field, "throttle-client-%u", &i) != 1 ||
	    i >= BMC_THROTTLE_CLIENTS ||
	    sscanf(rec->text, "%45s %u %" SCNd64 " %" SCNd64, client, &compared,
		   &wrong_at, &at) != 4 ||
	    inet_pton(AF_INET6, client, &key) != 1)
		return;
	at = near(at, now, 0);
	if (now - at > LONG_MS)
		return;
	bmc_throttle.client[i] = (struct throttle_client){
		.key = key,
		.attempts = near(rec->num, now,
				 BMC_THROTTLE_CLIENT_FREE *
					 (int64_t)BMC_THROTTLE_CLIENT_MS),
		.at = at,
		.wrong_at = near(wrong_at, now, 0),
		.compared = compared,
	};
}

static void load_unknown(const struct bmc_record *rec, int64_t now)
{
	unsigned i;
	int64_t compares, at;
	char hex[2 * BMC_ID_MAX];
	struct throttle_name n = { 0 };
	size_t size = sizeof(n.name) - 1;

	if (sscanf(rec->field, "throttle-unknown-%u", &i) != 1 ||
	    i >= BMC_THROTTLE_UNKNOWN_NAMES ||
	    sscanf(rec->text, "%63s %" SCNd64 " %" SCNd64, hex, &compares, &at) != 3 ||
	    (hex[1] && gnutls_hex2bin(hex + 1, strlen(hex + 1), n.name, &size) < 0))
		return;
	n.attempts = load_attempts(rec->num, now);
	n.compares = load_compares(compares, now);
	n.at = near(at, now, 0);
	bmc_throttle.unknown[i] = n;
}

static int load_rest(void *arg, const struct bmc_record *rec)
{
	if (rec->kind == BMC_ACCOUNT) {
		load_known(rec, *(const int64_t *)arg);
		load_client(rec, *(const int64_t *)arg);
		load_unknown(rec, *(const int64_t *)arg);
	}
	return 0;
}

void bmc_throttle_load(int64_t now)
{
	if (!bmc_store)
		return;
	(void)pthread_mutex_lock(&bmc_throttle.mutex);
	(void)bmc_store->load(BMC_REC_META, BMC_ACCOUNT, load_account, &now);
	(void)bmc_store->load(BMC_REC_META, BMC_ACCOUNT, load_rest, &now);
	(void)pthread_mutex_unlock(&bmc_throttle.mutex);
}
