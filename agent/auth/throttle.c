// SPDX-License-Identifier: Apache-2.0
// The rules of the login throttle, see throttle.h. Searches are linear: at most 1,344
// entries are compared, which is nothing beside a TLS record.
#include "auth/throttle.h"

#include <string.h>

#include "auth/throttle-table.h"
#include "bmc/model.h"
#include "core/base/address.h"
#include "core/base/util.h"

#define RENEW_MS 3600000 /* a use is stored again after that   */

struct throttle_tables bmc_throttle = {
	.mutex = PTHREAD_MUTEX_INITIALIZER,
	.free = BMC_THROTTLE_FREE,
	.longest = BMC_THROTTLE_LONGEST_MS,
};

void bmc_throttle_configure(unsigned free, int64_t longest_ms)
{
	(void)pthread_mutex_lock(&bmc_throttle.mutex);
	bmc_throttle.free = free;
	bmc_throttle.longest = longest_ms;
	(void)pthread_mutex_unlock(&bmc_throttle.mutex);
}

/* A quiet time that clears a known client. */
static int64_t reset_ms(void)
{
	return bmc_throttle.longest * 2;
}

/* What an attempt is about. `known` and `client` are NULL when there is no entry; so is
 * `name` for a name that is no account. */
struct subject {
	struct in6_addr key;
	struct throttle_account *account;
	struct throttle_name *name;
	struct throttle_known *known;
	struct throttle_client *client;
};

void bmc_throttle_init(void)
{
	(void)pthread_mutex_lock(&bmc_throttle.mutex);
	memset(bmc_throttle.account, 0, sizeof(bmc_throttle.account));
	memset(bmc_throttle.unknown, 0, sizeof(bmc_throttle.unknown));
	memset(bmc_throttle.client, 0, sizeof(bmc_throttle.client));
	(void)pthread_mutex_unlock(&bmc_throttle.mutex);
}

/* ---- keys ---- */

static bool same_network(const struct in6_addr *a, const struct in6_addr *b)
{
	return memcmp(a, b, IN6_IS_ADDR_V4MAPPED(a) ? 15 : 6) == 0;
}

/* ---- buckets ---- */

static int64_t left(int64_t full_at, int64_t size, int64_t pace, int64_t now)
{
	return (size * pace - MAX(full_at - now, 0)) / pace;
}

static void spend(int64_t *full_at, int64_t pace, int64_t now)
{
	*full_at = MAX(*full_at, now) + pace;
}

static int64_t attempts_left(const struct throttle_name *n, int64_t now)
{
	return n ? left(n->attempts, BMC_THROTTLE_BUCKET, BMC_THROTTLE_BUCKET_MS, now)
		 : BMC_THROTTLE_BUCKET;
}

static int64_t compares_left(const struct throttle_name *n, int64_t now)
{
	return n ? left(n->compares, BMC_THROTTLE_COMPARE_ALL, BMC_THROTTLE_COMPARE_MS,
			now)
		 : BMC_THROTTLE_COMPARE_ALL;
}

static int64_t client_left(const struct throttle_client *c, int64_t now)
{
	return c ? left(c->attempts, BMC_THROTTLE_CLIENT_FREE, BMC_THROTTLE_CLIENT_MS,
			now)
		 : BMC_THROTTLE_CLIENT_FREE;
}

/* ---- entries ---- */

static struct throttle_account *find_account(const char *user)
{
	for (size_t i = 0; i < PRIV_ACCOUNTS_MAX; i++) {
		if (strcmp(bmc_throttle.account[i].name.name, user) == 0)
			return &bmc_throttle.account[i];
	}
	return NULL;
}

static struct throttle_name *find_unknown(const char *user)
{
	for (size_t i = 0; i < BMC_THROTTLE_UNKNOWN_NAMES; i++) {
		struct throttle_name *n = &bmc_throttle.unknown[i];
		if (n->at && strcmp(n->name, user) == 0)
			return n;
	}
	return NULL;
}

static struct throttle_known *find_known(struct throttle_account *a,
					 const struct in6_addr *key)
{
	for (size_t i = 0; a && i < BMC_THROTTLE_KNOWN; i++) {
		if (a->known[i].at && bmc_address_is_same(&a->known[i].client, key))
			return &a->known[i];
	}
	return NULL;
}

static struct throttle_client *find_client(const struct in6_addr *key)
{
	for (size_t i = 0; i < BMC_THROTTLE_CLIENTS; i++) {
		struct throttle_client *c = &bmc_throttle.client[i];
		if (c->at && bmc_address_is_same(&c->key, key))
			return c;
	}
	return NULL;
}

static struct subject find(const char *user, const char *client)
{
	struct subject s = { .key = bmc_address_client_of(client) };
	char name[BMC_ID_MAX];

	(void)bmc_copy(name, sizeof(name), user);
	s.account = name[0] ? find_account(name) : NULL;
	s.name = s.account ? &s.account->name : find_unknown(name);
	s.known = find_known(s.account, &s.key);
	s.client = find_client(&s.key);
	return s;
}

/* A free place comes before the oldest: times before this boot are negative. */
static bool goes_before(int64_t at, int64_t than)
{
	return than != 0 && (at == 0 || at < than);
}

/* The entry quiet longest makes room, in both. */
static struct throttle_name *make_unknown(const char *user)
{
	struct throttle_name *oldest = &bmc_throttle.unknown[0];

	for (size_t i = 1; i < BMC_THROTTLE_UNKNOWN_NAMES; i++) {
		if (goes_before(bmc_throttle.unknown[i].at, oldest->at))
			oldest = &bmc_throttle.unknown[i];
	}
	*oldest = (struct throttle_name){ 0 };
	(void)bmc_copy(oldest->name, sizeof(oldest->name), user);
	return oldest;
}

static struct throttle_client *make_client(const struct in6_addr *key)
{
	struct throttle_client *oldest = &bmc_throttle.client[0];

	for (size_t i = 1; i < BMC_THROTTLE_CLIENTS; i++) {
		if (goes_before(bmc_throttle.client[i].at, oldest->at))
			oldest = &bmc_throttle.client[i];
	}
	*oldest = (struct throttle_client){ .key = *key };
	return oldest;
}

/* With everything in it marked, so that what is stored of it goes too. */
static void set_account(struct throttle_account *a, const char *user)
{
	memset(a, 0, sizeof(*a));
	(void)bmc_copy(a->name.name, sizeof(a->name.name), user);
	a->name.dirty = true;
	for (size_t i = 0; i < BMC_THROTTLE_KNOWN; i++)
		a->known[i].dirty = true;
}

static bool is_listed(const struct priv_accounts *all, const char *user)
{
	for (uint32_t i = 0; i < all->n; i++) {
		if (strcmp(all->account[i].user, user) == 0)
			return true;
	}
	return false;
}

void bmc_throttle_accounts(const struct priv_accounts *all)
{
	(void)pthread_mutex_lock(&bmc_throttle.mutex);
	for (size_t i = 0; i < PRIV_ACCOUNTS_MAX; i++) {
		struct throttle_account *a = &bmc_throttle.account[i];
		if (a->name.name[0] && !is_listed(all, a->name.name))
			set_account(a, "");
	}
	for (uint32_t i = 0; i < all->n; i++) {
		struct throttle_account *room = find_account("");
		if (room && !find_account(all->account[i].user))
			set_account(room, all->account[i].user);
	}
	(void)pthread_mutex_unlock(&bmc_throttle.mutex);
}

/* ---- the rules ---- */

static bool failed_lately(const struct throttle_client *c, int64_t now)
{
	return c->wrong_at && now - c->wrong_at < BMC_THROTTLE_CLEAN_MS;
}

static bool is_clean(const struct subject *s, int64_t now)
{
	unsigned failed = 0;

	if (s->client && failed_lately(s->client, now))
		return false;
	for (size_t i = 0; i < BMC_THROTTLE_CLIENTS; i++) {
		const struct throttle_client *c = &bmc_throttle.client[i];
		failed += c->at && same_network(&c->key, &s->key) &&
			  failed_lately(c, now);
	}
	return failed < BMC_THROTTLE_NETWORK_FREE;
}

static bool may_compare(const struct subject *s, int64_t now)
{
	const struct throttle_client *c = s->client;
	unsigned compared = c && failed_lately(c, now) ? c->compared : 0;

	return compared < BMC_THROTTLE_COMPARE && compares_left(s->name, now) > 0;
}

static bool known_admits(const struct throttle_known *k, int64_t now)
{
	unsigned wrong = now - k->at > reset_ms() ? 0 : k->wrong;

	return wrong + k->under_way < bmc_throttle.free ||
	       (k->under_way == 0 && now >= k->until);
}

static enum bmc_login_class decide(const struct subject *s, bool matches, int64_t now)
{
	if (s->known)
		return known_admits(s->known, now) ? BMC_LOGIN_KNOWN
						   : BMC_LOGIN_REFUSED;
	if (client_left(s->client, now) < 1)
		return BMC_LOGIN_REFUSED;
	if (matches && may_compare(s, now))
		return BMC_LOGIN_MATCH;
	bool clean = is_clean(s, now);
	int64_t need = clean ? 1 : 1 + BMC_THROTTLE_RESERVED;
	if (attempts_left(s->name, now) < need)
		return BMC_LOGIN_REFUSED;
	return clean ? BMC_LOGIN_CLEAN : BMC_LOGIN_SUSPECT;
}

/* A failure of the client is counted before it is known to be one. */
static void charge_client(struct subject *s, bool compared, int64_t now)
{
	struct throttle_client *c = s->client ? s->client : make_client(&s->key);

	s->client = c;
	if (!failed_lately(c, now)) {
		c->compared = 0;
		c->locked = false;
	}
	c->compared += compared;
	c->at = c->wrong_at = now;
	c->dirty = true;
	spend(&c->attempts, BMC_THROTTLE_CLIENT_MS, now);
}

static void charge(struct subject *s, const char *user, enum bmc_login_class class,
		   int64_t now)
{
	if (class == BMC_LOGIN_KNOWN) {
		s->known->under_way++;
		return;
	}
	int64_t before = s->client ? s->client->wrong_at : 0;
	charge_client(s, class == BMC_LOGIN_MATCH, now);
	if (s->client->under_way++ == 0)
		s->client->before = before;
	if (!s->name)
		s->name = make_unknown(user);
	s->name->at = now;
	s->name->dirty = true;
	if (class == BMC_LOGIN_MATCH)
		spend(&s->name->compares, BMC_THROTTLE_COMPARE_MS, now);
	else
		spend(&s->name->attempts, BMC_THROTTLE_BUCKET_MS, now);
}

/* Refused by its bucket: the password was compared, and is not the right one. */
static bool was_compared(const struct subject *s, bool matches, int64_t now)
{
	return !s->known && s->name && !matches && client_left(s->client, now) > 0 &&
	       may_compare(s, now);
}

enum bmc_login_class bmc_throttle_admit(const char *user, const char *client,
					bool matches, int64_t now)
{
	(void)pthread_mutex_lock(&bmc_throttle.mutex);
	struct subject s = find(user, client);
	enum bmc_login_class class = decide(&s, matches, now);
	if (class != BMC_LOGIN_REFUSED) {
		charge(&s, user, class, now);
	} else if (was_compared(&s, matches, now)) {
		charge_client(&s, true, now);
		s.client->before = now;
		spend(&s.name->compares, BMC_THROTTLE_COMPARE_MS, now);
		s.name->dirty = true;
	}
	(void)pthread_mutex_unlock(&bmc_throttle.mutex);
	return class;
}

/* ---- what came of it ---- */

static int64_t wait_after(unsigned wrong)
{
	int64_t wait = BMC_THROTTLE_FIRST_MS;

	for (unsigned i = bmc_throttle.free; i < wrong && wait < bmc_throttle.longest;
	     i++)
		wait *= 2;
	return MIN(wait, bmc_throttle.longest);
}

static bool known_wrong(struct throttle_known *k, int64_t now)
{
	if (now - k->at > reset_ms())
		k->wrong = 0;
	k->at = now;
	k->dirty = true;
	k->wrong++;
	if (k->wrong < bmc_throttle.free)
		return false;
	k->until = now + wait_after(k->wrong);
	return k->wrong == bmc_throttle.free;
}

/* The charge stays. */
static bool other_wrong(const struct subject *s, int64_t now)
{
	bool was = !s->client || s->client->locked;

	if (s->client)
		s->client->locked = decide(s, false, now) == BMC_LOGIN_REFUSED;
	return !was && s->client->locked;
}

static void refund(const struct subject *s, enum bmc_login_class class)
{
	if (s->client) {
		s->client->attempts -= BMC_THROTTLE_CLIENT_MS;
		s->client->compared -= class == BMC_LOGIN_MATCH && s->client->compared;
	}
	if (s->name && class == BMC_LOGIN_MATCH)
		s->name->compares -= BMC_THROTTLE_COMPARE_MS;
	else if (s->name)
		s->name->attempts -= BMC_THROTTLE_BUCKET_MS;
}

/* A client is as clean as it was, unless it was wrong. */
static void release_client(struct throttle_client *c, int64_t now, bool wrong)
{
	if (!c || c->under_way == 0)
		return;
	c->under_way--;
	c->dirty = true;
	if (wrong)
		c->before = now;
	if (c->under_way == 0)
		c->wrong_at = c->before;
}

static void answered(const struct subject *s, enum bmc_login_class class, int64_t now,
		     enum bmc_attempt was)
{
	if (class == BMC_LOGIN_KNOWN) {
		if (s->known && s->known->under_way > 0)
			s->known->under_way--;
		return;
	}
	if (was == BMC_ATTEMPT_RIGHT || was == BMC_ATTEMPT_NOT_ASKED)
		refund(s, class);
	release_client(s->client, now, was == BMC_ATTEMPT_WRONG);
}

/* Makes the client known, or renews it. */
static void right(const struct subject *s, int64_t now)
{
	struct throttle_known *k = s->known;

	if (!s->account)
		return;
	if (!k) {
		k = &s->account->known[0];
		for (size_t i = 1; i < BMC_THROTTLE_KNOWN; i++) {
			if (goes_before(s->account->known[i].at, k->at))
				k = &s->account->known[i];
		}
		*k = (struct throttle_known){ .client = s->key };
	}
	k->dirty = k->dirty || k->wrong || now - k->at > RENEW_MS || !k->at;
	k->wrong = 0;
	k->until = 0;
	k->at = now;
}

bool bmc_throttle_result(const char *user, const char *client,
			 enum bmc_login_class class, int64_t now, enum bmc_attempt was)
{
	bool begins = false;

	(void)pthread_mutex_lock(&bmc_throttle.mutex);
	struct subject s = find(user, client);
	answered(&s, class, now, was);
	if (was == BMC_ATTEMPT_RIGHT)
		right(&s, now);
	else if (was == BMC_ATTEMPT_WRONG)
		begins = s.known ? known_wrong(s.known, now) : other_wrong(&s, now);
	(void)pthread_mutex_unlock(&bmc_throttle.mutex);
	return begins;
}

bool bmc_throttle_right(const char *user, const char *client, int64_t now)
{
	(void)pthread_mutex_lock(&bmc_throttle.mutex);
	struct subject s = find(user, client);
	bool ok = decide(&s, true, now) != BMC_LOGIN_REFUSED;
	if (ok)
		right(&s, now);
	(void)pthread_mutex_unlock(&bmc_throttle.mutex);
	return ok;
}

void bmc_throttle_drop(const char *user)
{
	(void)pthread_mutex_lock(&bmc_throttle.mutex);
	struct throttle_account *a = find_account(user);
	if (a) {
		a->name.attempts = 0;
		a->name.dirty = true;
	}
	for (size_t i = 0; a && i < BMC_THROTTLE_KNOWN; i++) {
		a->known[i].wrong = 0;
		a->known[i].until = 0;
		a->known[i].dirty = true;
	}
	(void)pthread_mutex_unlock(&bmc_throttle.mutex);
}
