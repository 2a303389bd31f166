// SPDX-License-Identifier: Apache-2.0
// Who was wrong how often, see guard.h. Bounded tables; the entry that was quiet
// longest makes room. An IPv6 network (/64) counts as one client: one person has all of
// it.
#include "people/guard.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "bmc/model.h"
#include "core/util.h"

#define ENTRIES      512u
#define GOOD_CLIENTS 8u
#define KEY_SIZE     80
#define USER_PACE_MS 1000
#define FORGET_MS    (BMC_GUARD_LONGEST_MS * 2) /* a quiet time that clears an entry */

/* One of the three: a client and a user, a client, a user. */
struct entry {
	char key[KEY_SIZE];
	unsigned wrong, under_way;
	int64_t until, at;
	char good[GOOD_CLIENTS][48]; /* of a user: from where it came in */
	unsigned next_good;
};

struct entries {
	struct entry entry[ENTRIES];
};

static struct {
	pthread_mutex_t mutex;
	_Atomic unsigned failures; /* ever */
	_Atomic unsigned asked;    /* under way; both 0: nobody guesses */
	struct entries pairs, clients, users;
} guard = { .mutex = PTHREAD_MUTEX_INITIALIZER };

void bmc_guard_init(void)
{
	(void)pthread_mutex_lock(&guard.mutex);
	atomic_store(&guard.failures, 0);
	atomic_store(&guard.asked, 0);
	memset(&guard.pairs, 0, sizeof(guard.pairs));
	memset(&guard.clients, 0, sizeof(guard.clients));
	memset(&guard.users, 0, sizeof(guard.users));
	(void)pthread_mutex_unlock(&guard.mutex);
}

static void client_key(const char *client, char key[48])
{
	struct in6_addr a;

	(void)bmc_copy(key, 48, client);
	if (inet_pton(AF_INET6, client, &a) != 1 || IN6_IS_ADDR_V4MAPPED(&a))
		return;
	memset(&a.s6_addr[8], 0, 8);
	(void)inet_ntop(AF_INET6, &a, key, 48);
}

/* The entry, made anew in the place of the one that was quiet longest. */
static struct entry *take(struct entries *t, const char *key, int64_t now)
{
	struct entry *oldest = &t->entry[0];

	for (size_t i = 0; i < ENTRIES; i++) {
		struct entry *e = &t->entry[i];
		if (strcmp(e->key, key) == 0) {
			if (now - e->at > FORGET_MS)
				e->wrong = 0;
			return e;
		}
		if (e->at < oldest->at)
			oldest = e;
	}
	memset(oldest, 0, sizeof(*oldest));
	(void)bmc_copy(oldest->key, sizeof(oldest->key), key);
	oldest->at = now;
	return oldest;
}

struct trio {
	struct entry *pair, *client, *user;
	bool good; /* the user came in from this client before */
};

static struct trio find(const char *user, const char *client, int64_t now)
{
	char where[48], who[BMC_ID_MAX], both[KEY_SIZE];
	struct trio t;

	client_key(client, where);
	(void)bmc_copy(who, sizeof(who), user);
	(void)snprintf(both, sizeof(both), "%s %.31s", where, who);
	t.pair = take(&guard.pairs, both, now);
	t.client = take(&guard.clients, where, now);
	t.user = take(&guard.users, who, now);
	t.good = false;
	for (size_t i = 0; i < GOOD_CLIENTS; i++)
		t.good = t.good || strcmp(t.user->good[i], where) == 0;
	return t;
}

static bool pair_admits(const struct entry *e, int64_t now)
{
	return e->wrong + e->under_way < BMC_GUARD_FREE ||
	       (e->under_way == 0 && now >= e->until);
}

/* Each 30 s of quiet takes one failure back. */
static bool client_admits(struct entry *e, int64_t now)
{
	while (e->wrong > 0 && now - e->until >= BMC_GUARD_CLIENT_MS) {
		e->wrong--;
		e->until += BMC_GUARD_CLIENT_MS;
	}
	return e->wrong + e->under_way < BMC_GUARD_CLIENT_FREE;
}

static bool user_admits(const struct entry *e, int64_t now)
{
	return e->wrong + e->under_way < BMC_GUARD_USER_FREE || now >= e->until;
}

static bool admits(const struct trio *t, int64_t now)
{
	return pair_admits(t->pair, now) &&
	       (t->good ||
		(client_admits(t->client, now) && user_admits(t->user, now)));
}

bool bmc_guard_admit(const char *user, const char *client, int64_t now)
{
	(void)pthread_mutex_lock(&guard.mutex);
	struct trio t = find(user, client, now);
	bool ok = admits(&t, now);
	if (ok) {
		t.pair->under_way++;
		t.client->under_way++;
		t.user->under_way++;
		t.user->until = now + USER_PACE_MS;
		atomic_fetch_add(&guard.asked, 1);
	}
	(void)pthread_mutex_unlock(&guard.mutex);
	return ok;
}

static int64_t wait_after(unsigned wrong)
{
	int64_t wait = BMC_GUARD_FIRST_MS;

	for (unsigned i = BMC_GUARD_FREE; i < wrong && wait < BMC_GUARD_LONGEST_MS; i++)
		wait *= 2;
	return MIN(wait, BMC_GUARD_LONGEST_MS);
}

static bool wrong(const struct trio *t, int64_t now)
{
	atomic_fetch_add(&guard.failures, 1);
	t->pair->at = t->client->at = t->user->at = now;
	t->pair->wrong++;
	t->user->wrong += !t->good;
	if (t->client->wrong++ == 0)
		t->client->until = now;
	if (t->pair->wrong < BMC_GUARD_FREE)
		return false;
	t->pair->until = now + wait_after(t->pair->wrong);
	return t->pair->wrong == BMC_GUARD_FREE;
}

static void right(const struct trio *t, const char *client)
{
	t->pair->wrong = 0;
	if (!t->good)
		client_key(client, t->user->good[t->user->next_good++ % GOOD_CLIENTS]);
}

static void ended(struct entry *e)
{
	if (e->under_way > 0)
		e->under_way--;
}

bool bmc_guard_result(const char *user, const char *client, int64_t now,
		      enum bmc_guess was)
{
	bool begins = false;

	(void)pthread_mutex_lock(&guard.mutex);
	struct trio t = find(user, client, now);
	ended(t.pair);
	ended(t.client);
	ended(t.user);
	atomic_fetch_sub(&guard.asked, 1);
	if (was == BMC_GUESS_WRONG)
		begins = wrong(&t, now);
	else if (was == BMC_GUESS_RIGHT)
		right(&t, client);
	(void)pthread_mutex_unlock(&guard.mutex);
	return begins;
}

bool bmc_guard_right(const char *user, const char *client, int64_t now)
{
	if (atomic_load(&guard.failures) == 0 && atomic_load(&guard.asked) == 0)
		return true;
	(void)pthread_mutex_lock(&guard.mutex);
	struct trio t = find(user, client, now);
	bool ok = admits(&t, now);
	if (ok)
		right(&t, client);
	(void)pthread_mutex_unlock(&guard.mutex);
	return ok;
}

void bmc_guard_forget(const char *user)
{
	(void)pthread_mutex_lock(&guard.mutex);
	take(&guard.users, user, bmc_now())->wrong = 0;
	for (size_t i = 0; i < ENTRIES; i++) {
		struct entry *e = &guard.pairs.entry[i];
		const char *who = strchr(e->key, ' ');
		if (who && strcmp(who + 1, user) == 0)
			e->wrong = 0;
	}
	(void)pthread_mutex_unlock(&guard.mutex);
}
