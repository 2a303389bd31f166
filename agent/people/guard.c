// SPDX-License-Identifier: Apache-2.0
// Who failed how often, see guard.h. Two bounded tables; the entry that was quiet
// longest makes room. An IPv6 network (/64) counts as one client: one person has all of
// it.
#include "people/guard.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>

#include "bmc/model.h"
#include "core/util.h"

#define CLIENTS      512u
#define USERS        128u
#define GOOD_CLIENTS 4u
#define USER_PACE_MS 1000
#define FORGET_MS    (BMC_GUARD_LONGEST_MS * 2) /* a quiet time that clears an entry */

struct client {
	char key[48];
	char last_user[BMC_ID_MAX]; /* whom it last failed as */
	unsigned failures;
	int64_t until, at;
};

struct user {
	char name[BMC_ID_MAX];
	char good[GOOD_CLIENTS][48];
	unsigned next_good, failures;
	int64_t until, at;
};

static struct {
	pthread_mutex_t mutex;
	struct client clients[CLIENTS];
	struct user users[USERS];
} guard = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void client_key(const char *client, char key[48])
{
	struct in6_addr a;

	(void)bmc_copy(key, 48, client);
	if (inet_pton(AF_INET6, client, &a) != 1 || IN6_IS_ADDR_V4MAPPED(&a))
		return;
	memset(&a.s6_addr[8], 0, 8);
	(void)inet_ntop(AF_INET6, &a, key, 48);
}

static struct client *find_client(const char *client, bool make)
{
	struct client *oldest = &guard.clients[0];
	char key[48];

	client_key(client, key);
	for (size_t i = 0; i < CLIENTS; i++) {
		if (strcmp(guard.clients[i].key, key) == 0)
			return &guard.clients[i];
		if (guard.clients[i].at < oldest->at)
			oldest = &guard.clients[i];
	}
	if (!make)
		return NULL;
	memset(oldest, 0, sizeof(*oldest));
	memcpy(oldest->key, key, sizeof(key));
	return oldest;
}

static struct user *find_user(const char *name, bool make)
{
	struct user *oldest = &guard.users[0];

	for (size_t i = 0; i < USERS; i++) {
		if (strcmp(guard.users[i].name, name) == 0)
			return &guard.users[i];
		if (guard.users[i].at < oldest->at)
			oldest = &guard.users[i];
	}
	if (!make)
		return NULL;
	memset(oldest, 0, sizeof(*oldest));
	(void)bmc_copy(oldest->name, sizeof(oldest->name), name);
	return oldest;
}

static bool is_good(const struct user *u, const char *client)
{
	char key[48];

	client_key(client, key);
	for (size_t i = 0; i < GOOD_CLIENTS; i++) {
		if (strcmp(u->good[i], key) == 0)
			return true;
	}
	return false;
}

void bmc_guard_init(void)
{
	(void)pthread_mutex_lock(&guard.mutex);
	memset(guard.clients, 0, sizeof(guard.clients));
	memset(guard.users, 0, sizeof(guard.users));
	(void)pthread_mutex_unlock(&guard.mutex);
}

/* Strangers share one attempt a second at an account that is being guessed. */
static bool user_admits(struct user *u, const char *client, int64_t now)
{
	if (!u || u->failures < BMC_GUARD_USER_FREE || is_good(u, client))
		return true;
	if (now < u->until)
		return false;
	u->until = now + USER_PACE_MS;
	return true;
}

bool bmc_guard_admit(const char *user, const char *client, int64_t now)
{
	(void)pthread_mutex_lock(&guard.mutex);
	const struct client *c = find_client(client, false);
	bool ok = (!c || now >= c->until) &&
		  user_admits(find_user(user, false), client, now);
	(void)pthread_mutex_unlock(&guard.mutex);
	return ok;
}

static int64_t wait_after(unsigned failures)
{
	int64_t wait = BMC_GUARD_FIRST_MS;

	for (unsigned i = BMC_GUARD_FREE; i < failures && wait < BMC_GUARD_LONGEST_MS;
	     i++)
		wait *= 2;
	return MIN(wait, BMC_GUARD_LONGEST_MS);
}

bool bmc_guard_failed(const char *user, const char *client, int64_t now)
{
	(void)pthread_mutex_lock(&guard.mutex);
	struct client *c = find_client(client, true);
	struct user *u = find_user(user, true);
	if (now - c->at > FORGET_MS)
		c->failures = 0;
	if (now - u->at > FORGET_MS)
		u->failures = 0;
	c->at = u->at = now;
	c->failures++;
	u->failures += !is_good(u, client);
	(void)bmc_copy(c->last_user, sizeof(c->last_user), user);
	if (c->failures >= BMC_GUARD_FREE)
		c->until = now + wait_after(c->failures);
	bool begins = c->failures == BMC_GUARD_FREE;
	(void)pthread_mutex_unlock(&guard.mutex);
	return begins;
}

void bmc_guard_passed(const char *user, const char *client, int64_t now)
{
	(void)pthread_mutex_lock(&guard.mutex);
	struct client *c = find_client(client, false);
	struct user *u = find_user(user, true);
	/* one's own password is no way to go on guessing another's */
	if (c && strcmp(c->last_user, user) == 0)
		c->failures = 0;
	u->at = now;
	if (!is_good(u, client))
		client_key(client, u->good[u->next_good++ % GOOD_CLIENTS]);
	(void)pthread_mutex_unlock(&guard.mutex);
}

void bmc_guard_forget(const char *user)
{
	(void)pthread_mutex_lock(&guard.mutex);
	struct user *u = find_user(user, false);
	if (u)
		u->failures = 0;
	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *c = &guard.clients[i];
		if (strcmp(c->last_user, user) == 0)
			memset(c, 0, sizeof(*c));
	}
	(void)pthread_mutex_unlock(&guard.mutex);
}
